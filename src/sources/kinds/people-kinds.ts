import { googleAds } from './ads/google-ads.ts'
import { linkedin } from './ads/linkedin.ts'
import { metaLeadAds } from './ads/meta-lead-ads.ts'
import { tiktok } from './ads/tiktok.ts'
import { rudderstack } from './automation/rudderstack.ts'
import { segment } from './automation/segment.ts'
import { chatwoot } from './chat/chatwoot.ts'
import { crisp } from './chat/crisp.ts'
import { drift } from './chat/drift.ts'
import { intercom } from './chat/intercom.ts'
import { landbot } from './chat/landbot.ts'
import { manychat } from './chat/manychat.ts'
import { slack } from './chat/slack.ts'
import { tidio } from './chat/tidio.ts'
import { typebot } from './chat/typebot.ts'
import type { Kind } from './kind.ts'
import { activeCampaign } from './people/active-campaign.ts'
import { calCom } from './people/cal-com.ts'
import { calendly } from './people/calendly.ts'
import { hubspot } from './people/hubspot.ts'
import { kit } from './people/kit.ts'
import { mailchimp } from './people/mailchimp.ts'

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
