import { make } from './automation/make.ts'
import { zapier } from './automation/zapier.ts'
import { googleForms } from './forms/google-forms.ts'
import { jotform } from './forms/jotform.ts'
import { tally } from './forms/tally.ts'
import { typeform } from './forms/typeform.ts'
import type { Kind } from './kind.ts'
import { framer } from './pages/framer.ts'
import { instapage } from './pages/instapage.ts'
import { leadpages } from './pages/leadpages.ts'
import { netlify } from './pages/netlify.ts'
import { squarespace } from './pages/squarespace.ts'
import { unbounce } from './pages/unbounce.ts'
import { webflow } from './pages/webflow.ts'
import { wix } from './pages/wix.ts'
import { contactForm7 } from './wordpress/contact-form-7.ts'
import { elementor } from './wordpress/elementor.ts'
import { fluentForms } from './wordpress/fluent-forms.ts'
import { formidable } from './wordpress/formidable.ts'
import { gravityForms } from './wordpress/gravity-forms.ts'
import { ninjaForms } from './wordpress/ninja-forms.ts'
import { wpforms } from './wordpress/wpforms.ts'

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
