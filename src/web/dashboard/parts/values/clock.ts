import { createStore } from '../../connection/store.ts'

const tickMs = 15_000

/** The time, renewed four times a minute for all relative times of the page. */
export const minuteClock = createStore(Date.now())

setInterval(() => minuteClock.set(Date.now()), tickMs)
