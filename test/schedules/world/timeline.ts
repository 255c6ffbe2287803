type Event = { readonly at: number; readonly order: number; readonly work: () => void; dropped: boolean }

export type Timer = { cancel(): void }

/** Virtual time: the next event is always due, however far away it is. Promises that an event settles are worked off before the next one. */
export class Timeline {
  now = 0
  readonly #heap: Event[] = []
  #order = 0
  #settled = false

  after(ms: number, work: () => void): Timer {
    const event: Event = { at: this.now + Math.max(0, ms), order: this.#order++, work, dropped: false }
    this.#push(event)
    return {
      cancel: () => {
        event.dropped = true
      },
    }
  }

  /** Every promise that product code waits for is settled through here, so that its reaction happens at this moment of virtual time. */
  settle(work: () => void): void {
    this.#settled = true
    work()
  }

  /** Lets time pass until the condition holds, or until there is nothing left to happen or the limit is reached; tells whether it holds. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    await reactions()
    for (;;) {
      if (condition()) return true
      const event = this.#pop()
      if (!event) return false
      if (event.at > limitMs) {
        this.#push(event)
        this.now = limitMs
        return false
      }
      if (event.dropped) continue
      this.now = event.at
      this.#settled = false
      event.work()
      if (this.#settled) await reactions()
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent]
      if (!above || !isBefore(event, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (!first || !last || heap.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      const left = heap[child]
      if (!left) break
      const right = heap[child + 1]
      let smaller = left
      if (right && isBefore(right, left)) {
        child++
        smaller = right
      }
      if (!isBefore(smaller, last)) break
      heap[index] = smaller
      index = child
    }
    heap[index] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** All that can be done without time passing; nothing here waits for anything but promises. */
function reactions(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
