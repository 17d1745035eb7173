import { contactForm7 } from './contact-form-7.ts'
import { elementor } from './elementor.ts'
import { fluentForms } from './fluent-forms.ts'
import { formidable } from './formidable.ts'
import { framer } from './framer.ts'
import { googleForms } from './google-forms.ts'
import { gravityForms } from './gravity-forms.ts'
import { instapage } from './instapage.ts'
import { jotform } from './jotform.ts'
import type { Kind } from './kind.ts'
import { leadpages } from './leadpages.ts'
import { make } from './make.ts'
import { netlify } from './netlify.ts'
import { ninjaForms } from './ninja-forms.ts'
import { squarespace } from './squarespace.ts'
import { tally } from './tally.ts'
import { typeform } from './typeform.ts'
import { unbounce } from './unbounce.ts'
import { webflow } from './webflow.ts'
import { wix } from './wix.ts'
import { wpforms } from './wpforms.ts'
import { zapier } from './zapier.ts'

/** Builders of forms and pages whose payloads have a shape of their own. */
export const formKinds: readonly Kind[] = [
  typeform,
  tally,
  jotform,
  webflow,
  netlify,
  wix,
  elementor,
  gravityForms,
  fluentForms,
  formidable,
  unbounce,
  instapage,
  contactForm7,
]

/** Tools whose users choose the shape. A header tells at most who sent it, so that any shape is looked up first. */
export const senderKinds: readonly Kind[] = [
  framer,
  googleForms,
  squarespace,
  wpforms,
  ninjaForms,
  leadpages,
  zapier,
  make,
]
