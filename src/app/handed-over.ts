/** What a producer gives, taken out one by one; the producer waits until each is taken. */
export type HandedOver<T> = AsyncIterator<T> & { readonly return: () => Promise<IteratorResult<T>> }

/**
 * Turns a producer that pushes into an iterator that is asked. The producer begins at once and waits at the first thing that it gives.
 * @param produce gives one thing after the other; it is told false when nobody wants more
 */
export function handedOver<T>(produce: (give: (item: T) => Promise<boolean>) => Promise<void>): HandedOver<T> {
  let offered: { readonly item: T; readonly taken: (more: boolean) => void } | undefined
  let wake: () => void = () => {}
  let isOver = false
  const production = produce(
    (item) =>
      new Promise((taken) => {
        if (isOver) return taken(false)
        offered = { item, taken }
        wake()
      }),
  ).finally(() => {
    isOver = true
    wake()
  })
  return {
    async next() {
      while (offered === undefined) {
        if (isOver) {
          await production
          return { done: true, value: undefined }
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const { item, taken } = offered
      offered = undefined
      taken(true)
      return { done: false, value: item }
    },
    async return() {
      isOver = true
      offered?.taken(false)
      offered = undefined
      await production
      return { done: true, value: undefined }
    },
  }
}
