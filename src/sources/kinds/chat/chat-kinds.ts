import type { Kind } from '../kind.ts'
import { chatwoot } from './chatwoot.ts'
import { crisp } from './crisp.ts'
import { drift } from './drift.ts'
import { intercom } from './intercom.ts'
import { landbot } from './landbot.ts'
import { manychat } from './manychat.ts'
import { slack } from './slack.ts'
import { tidio } from './tidio.ts'
import { typebot } from './typebot.ts'

/** Chats and chatbots. */
export const chatKinds: readonly Kind[] = [intercom, drift, crisp, tidio, chatwoot, manychat, typebot, landbot, slack]
