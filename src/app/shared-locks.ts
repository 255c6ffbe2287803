import type { Validator } from "../core/topology.ts"
import type { Deployment } from "./deployment.ts"
import { lockSigner, type SignerLock } from "./lock.ts"

type Held = { readonly lock: Promise<SignerLock>; users: number }

/**
 * The signers' locks of one operation, whose parts run side by side: taken by the first part that needs one, given back by the last. Each
 * time it is taken it makes sure that nobody else worked on that signer since the hosts were looked at.
 */
export class SharedLocks {
  readonly #deployment: Deployment
  readonly #verb: string
  readonly #epochs: Map<string, number>
  readonly #held = new Map<string, Held>()
  readonly #beingGiven = new Map<string, Promise<void>>()

  /** @param epochs those that were seen when the plan was made */
  constructor(deployment: Deployment, verb: string, epochs: ReadonlyMap<string, number>) {
    this.#deployment = deployment
    this.#verb = verb
    this.#epochs = new Map(epochs)
  }

  /** A newer look at all hosts, from which newer steps were made. */
  seen(epochs: ReadonlyMap<string, number>): void {
    // The look may have been before a lock that was taken since.
    for (const [validator, epoch] of epochs) this.#epochs.set(validator, Math.max(epoch, this.#epochs.get(validator) ?? 0))
  }

  /** @throws AppError LOCK_HELD, REFUSED when somebody worked on a signer meanwhile; none is held then */
  async take(validators: readonly Validator[]): Promise<ReadonlyMap<string, SignerLock>> {
    const taken = new Map<string, SignerLock>()
    try {
      // One after the other in one order, so that two operators never wait for each other.
      for (const validator of validators) taken.set(validator.name, await this.#one(validator))
      return taken
    } catch (error) {
      await this.giveBack([...taken.keys()])
      throw error
    }
  }

  async giveBack(validators: readonly string[]): Promise<void> {
    await Promise.all(
      validators.map(async (name) => {
        const held = this.#held.get(name)
        if (!held) return
        held.users--
        if (held.users > 0) return
        this.#held.delete(name)
        const given = held.lock.then((lock) => lock.release())
        this.#beingGiven.set(
          name,
          given.catch(() => {}),
        )
        await given
      }),
    )
  }

  async #one(validator: Validator): Promise<SignerLock> {
    const { name } = validator
    const held = this.#held.get(name) ?? { lock: this.#lock(validator), users: 0 }
    this.#held.set(name, held)
    held.users++
    try {
      return await held.lock
    } catch (error) {
      if (this.#held.get(name) === held) this.#held.delete(name)
      throw error
    }
  }

  async #lock(validator: Validator): Promise<SignerLock> {
    // Ours of a moment ago would stand in the way.
    await this.#beingGiven.get(validator.name)
    const lock = await lockSigner(this.#deployment, validator, `gonka-ha ${this.#verb}`, this.#epochs.get(validator.name) ?? 0)
    this.#epochs.set(validator.name, lock.control.epoch)
    return lock
  }
}
