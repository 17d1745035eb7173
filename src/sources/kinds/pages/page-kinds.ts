import type { Kind } from '../kind.ts'
import { instapage } from './instapage.ts'
import { netlify } from './netlify.ts'
import { unbounce } from './unbounce.ts'
import { webflow } from './webflow.ts'
import { wix } from './wix.ts'

/** Website and page builders. */
export const pageKinds: readonly Kind[] = [webflow, netlify, wix, unbounce, instapage]
