/** How long a part may take to finish what it has begun. Attempts and requests have limits of their own, below this one. */
export const finishTimeoutMs = 20_500
