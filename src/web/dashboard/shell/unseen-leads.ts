import logo from '../logo.svg'

/** Number of leads that arrived while the tab was in the background. */
let unseen = 0

const sizePx = 64

/** Counts a new lead if nobody looks, and shows the number in the icon of the tab. */
export function noteLead(): void {
  if (document.visibilityState === 'visible') return
  drawIcon(++unseen)
}

/** Clears the number when the user comes back. Returns the function that ends it. */
export function watchVisibility(): () => void {
  const clear = () => {
    if (document.visibilityState !== 'visible' || unseen === 0) return
    unseen = 0
    setIcon(logo)
  }
  document.addEventListener('visibilitychange', clear)
  return () => document.removeEventListener('visibilitychange', clear)
}

function drawIcon(count: number): void {
  const image = new Image(sizePx, sizePx)
  image.onload = () => {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = sizePx
    const context = canvas.getContext('2d')
    if (context === null) return
    context.drawImage(image, 0, 0, sizePx, sizePx)
    drawBadge(context, count > 99 ? '99+' : String(count))
    setIcon(canvas.toDataURL())
  }
  image.src = logo
}

function drawBadge(context: CanvasRenderingContext2D, text: string): void {
  const width = 20 + text.length * 12
  context.fillStyle = '#111'
  context.beginPath()
  context.roundRect(sizePx - width, sizePx - 32, width, 32, 16)
  context.fill()
  context.fillStyle = '#fff'
  context.font = 'bold 22px system-ui, sans-serif'
  context.textAlign = 'center'
  context.fillText(text, sizePx - width / 2, sizePx - 8)
}

function setIcon(address: string): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link === null) return
  link.type = address.startsWith('data:image/png') ? 'image/png' : 'image/svg+xml'
  link.href = address
}
