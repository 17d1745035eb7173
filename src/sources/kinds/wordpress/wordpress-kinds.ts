import type { Kind } from '../kind.ts'
import { contactForm7 } from './contact-form-7.ts'
import { elementor } from './elementor.ts'
import { fluentForms } from './fluent-forms.ts'
import { formidable } from './formidable.ts'
import { gravityForms } from './gravity-forms.ts'

/** Form plugins of WordPress. */
export const wordpressKinds: readonly Kind[] = [elementor, gravityForms, fluentForms, formidable, contactForm7]
