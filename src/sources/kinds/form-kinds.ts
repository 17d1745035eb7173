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

/** Builders of forms and pages, and automations. Those with a shape of their own come first, then headers alone. */
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
  googleForms,
  framer,
  squarespace,
  wpforms,
  ninjaForms,
  leadpages,
  zapier,
  make,
]
