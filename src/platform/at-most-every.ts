/**
 * Returns a function that runs an action at once, but at most once in each interval: the calls in between run it together,
 * at the end of the interval.
 */
export function atMostEvery(intervalMs: number, action: () => void): () => void {
  let isResting = false
  let isDue = false
  const run = () => {
    isResting = true
    isDue = false
    setTimeout(endRest, intervalMs).unref()
    action()
  }
  const endRest = () => {
    isResting = false
    if (isDue) run()
  }
  return () => {
    if (isResting) isDue = true
    else run()
  }
}
