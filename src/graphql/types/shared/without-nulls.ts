export type WithoutNulls<Input> = { [Name in keyof Input]?: NonNullable<Input[Name]> }

/** Removes null fields of an input: null means the same as undefined. */
export function withoutNulls<Input extends object>(input: Input): WithoutNulls<Input> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value != null)) as WithoutNulls<Input>
}
