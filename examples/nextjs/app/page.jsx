import { RexForm } from 'rex-capture/react'

export default function Page() {
  return (
    <RexForm url={`${process.env.NEXT_PUBLIC_REX_URL}/capture`} sentText="Thank you. We will write to you soon.">
      <label>
        E-mail <input name="email" type="email" required />
      </label>
      <button>Send</button>
    </RexForm>
  )
}
