export type DemoOptions = { readonly keep: boolean }

/** Undefined where an argument is not known. */
export function demoOptions(args: readonly string[]): DemoOptions | undefined {
  return args.every((arg) => arg === "--keep") ? { keep: args.length > 0 } : undefined
}
