/** A set-up step that cannot go on; the message tells the person at the keyboard what to do. */
export class SetupError extends Error {
  override readonly name = "SetupError"
}
