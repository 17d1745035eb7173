/** Milliseconds since the epoch. Only for what a process decides alone; what nodes must agree on is the database's time. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()
