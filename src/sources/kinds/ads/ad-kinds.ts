import type { Kind } from '../kind.ts'
import { googleAds } from './google-ads.ts'
import { linkedin } from './linkedin.ts'
import { metaLeadAds } from './meta-lead-ads.ts'
import { tiktok } from './tiktok.ts'

/** Ad networks, whose lead forms send a person. */
export const adKinds: readonly Kind[] = [metaLeadAds, googleAds, linkedin, tiktok]
