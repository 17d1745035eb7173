import { activeCampaign } from './active-campaign.ts'
import { calCom } from './cal-com.ts'
import { calendly } from './calendly.ts'
import { chatwoot } from './chatwoot.ts'
import { crisp } from './crisp.ts'
import { drift } from './drift.ts'
import { googleAds } from './google-ads.ts'
import { hubspot } from './hubspot.ts'
import { intercom } from './intercom.ts'
import type { Kind } from './kind.ts'
import { kit } from './kit.ts'
import { landbot } from './landbot.ts'
import { linkedin } from './linkedin.ts'
import { mailchimp } from './mailchimp.ts'
import { manychat } from './manychat.ts'
import { metaLeadAds } from './meta-lead-ads.ts'
import { rudderstack } from './rudderstack.ts'
import { segment } from './segment.ts'
import { slack } from './slack.ts'
import { tidio } from './tidio.ts'
import { tiktok } from './tiktok.ts'
import { typebot } from './typebot.ts'

/** Kinds that send persons: CRMs, ad networks, schedulers, chats, mailing lists and customer data platforms. */
export const peopleKinds: readonly Kind[] = [
  hubspot,
  metaLeadAds,
  googleAds,
  linkedin,
  tiktok,
  calendly,
  calCom,
  intercom,
  drift,
  crisp,
  tidio,
  chatwoot,
  manychat,
  typebot,
  landbot,
  mailchimp,
  kit,
  activeCampaign,
  segment,
  rudderstack,
  slack,
]
