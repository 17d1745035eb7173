import { createRoot } from 'react-dom/client'
import { RexForm } from 'rex-capture/react'

createRoot(document.getElementById('root')).render(
  <RexForm url="http://127.0.0.1:4000/capture" sentText="Thank you. We will write to you soon.">
    <label>
      E-mail <input name="email" type="email" required />
    </label>
    <label>
      Company <input name="company" />
    </label>
    <button>Send</button>
  </RexForm>,
)
