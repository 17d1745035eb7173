import { make } from './automation/make.ts'
import { zapier } from './automation/zapier.ts'
import { googleForms } from './forms/google-forms.ts'
import type { Kind } from './kind.ts'
import { framer } from './pages/framer.ts'
import { leadpages } from './pages/leadpages.ts'
import { squarespace } from './pages/squarespace.ts'
import { ninjaForms } from './wordpress/ninja-forms.ts'
import { wpforms } from './wordpress/wpforms.ts'

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
