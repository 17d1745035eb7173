import { adKinds } from '../../src/sources/kinds/ads/ad-kinds.ts'
import { customerDataKinds } from '../../src/sources/kinds/automation/customer-data-kinds.ts'
import { chatKinds } from '../../src/sources/kinds/chat/chat-kinds.ts'
import { formKinds } from '../../src/sources/kinds/forms/form-kinds.ts'
import type { Kind } from '../../src/sources/kinds/kind.ts'
import { pageKinds } from '../../src/sources/kinds/pages/page-kinds.ts'
import { peopleKinds } from '../../src/sources/kinds/people/people-kinds.ts'
import { wordpressKinds } from '../../src/sources/kinds/wordpress/wordpress-kinds.ts'

/** Kinds that send persons. */
export const personKinds: readonly Kind[] = [...peopleKinds, ...adKinds, ...chatKinds, ...customerDataKinds]

/** Kinds that send what was entered in a form or on a page. */
export const enteredKinds: readonly Kind[] = [...formKinds, ...pageKinds, ...wordpressKinds]
