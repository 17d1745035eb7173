import type { Kind } from '../kind.ts'
import { activeCampaign } from './active-campaign.ts'
import { calCom } from './cal-com.ts'
import { calendly } from './calendly.ts'
import { hubspot } from './hubspot.ts'
import { kit } from './kit.ts'
import { mailchimp } from './mailchimp.ts'

/** CRMs, schedulers and mailing lists. */
export const peopleKinds: readonly Kind[] = [hubspot, calendly, calCom, mailchimp, kit, activeCampaign]
