/** Part that opens over every page. */
export type Overlay = 'palette' | 'shortcuts' | 'test-lead'
