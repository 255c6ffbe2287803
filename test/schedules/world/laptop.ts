import { AppError, EXIT } from "../../../src/core/errors.ts"
import type { Clock, Fleet, HostAccess, LocalFiles, RemoteHold, RunResult } from "../../../src/core/ports.ts"
import { Secret } from "../../../src/core/secret.ts"
import { memoryFiles } from "../../support/memory-files.ts"
import { fate } from "../random.ts"
import type { ChainNode } from "./chain-node.ts"
import type { Host } from "./host.ts"
import { type Bench, runOn } from "./programs.ts"
import { askNode, type RpcSite } from "./rpc.ts"
import type { Surroundings } from "./surroundings.ts"

/** The lock's holder on the host gives up when it hears nothing for this long (`src/app/held-lock.ts`). */
const SILENCE_MS = 15_000
const SECTION_WAIT_MS = 10_000
const NOTICED_MS = 20_000
const BUSY = 75
const KEPT = 76
const SLOW_LAPTOPS = 0.15
const SLOW_CALLS = 0.04
/** How long ssh takes to say that a host cannot be reached. */
const UNREACHABLE_MS = 2500

export type LaptopSite = Bench &
  RpcSite & {
    host(name: string): Host
    node(name: string): ChainNode
  }

/** The n-th call of a command at which its machine dies: before it is sent, or when it was done and nobody hears the answer. */
export type DeathInCall = { readonly call: number; readonly done: boolean }

/**
 * One command on an operator's machine: the ports of `src/core/ports.ts` with the delays and losses of a network. When it dies, nothing
 * that it waits for ever comes back, and what it has sent already still arrives.
 */
export class Laptop implements Clock {
  readonly name: string
  readonly operator: string
  readonly files: LocalFiles
  readonly fleet: Fleet
  isAlive = true
  onDeath: () => void = () => {}
  readonly #around: Surroundings
  readonly #site: LaptopSite
  readonly #death: DeathInCall | undefined
  readonly #holds = new Set<Hold>()
  readonly #isSlow: boolean
  #calls = 0
  #asleep: (() => void)[] | undefined

  constructor(around: Surroundings, site: LaptopSite, name: string, operator: string, files: LocalFiles, death?: DeathInCall) {
    this.#around = around
    this.#site = site
    this.name = name
    this.operator = operator
    this.#death = death
    this.#isSlow = fate(around.seed, "slow", operator) < SLOW_LAPTOPS
    this.files = this.#mortal(files)
    const hosts = new Map(site.topology.hosts.map((host) => [host.name, this.#access(site.host(host.name))]))
    this.fleet = {
      host(name) {
        const host = hosts.get(name)
        if (!host) throw new Error(`there is no host ${name}`)
        return host
      },
      close: async () => {},
    }
  }

  wallMs(): number {
    return Math.round(this.#site.startMs + this.#around.timeline.now)
  }

  monoMs(): number {
    return this.#around.timeline.now
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#around.timeline.after(ms, () => this.#deliver(() => resolve()))
    })
  }

  /** The process is gone, whatever the reason. */
  die(why: string): void {
    if (!this.isAlive) return
    this.#around.note(this.operator, `dies: ${why}`)
    this.isAlive = false
    for (const hold of this.#holds) hold.fallSilent()
    this.onDeath()
  }

  /** The lid is closed: nothing comes in or goes out until it is opened again. */
  sleepFor(ms: number): void {
    if (!this.isAlive || this.#asleep) return
    this.#asleep = []
    this.#around.note(this.operator, `falls asleep for ${Math.round(ms / 1000)} s`)
    for (const hold of this.#holds) hold.fallSilent()
    this.#around.timeline.after(ms, () => {
      const waiting = this.#asleep ?? []
      this.#asleep = undefined
      this.#around.note(this.operator, "wakes up")
      for (const hold of this.#holds) hold.speakAgain()
      for (const work of waiting) this.#deliver(work)
    })
  }

  /** The way to a host was cut, or is open again. */
  reachChanged(host: Host): void {
    for (const hold of this.#holds) {
      if (hold.host !== host) continue
      if (this.#reaches(host)) hold.speakAgain()
      else hold.fallSilent()
    }
  }

  #reaches(host: Host): boolean {
    return host.isOn && !host.managementHangs && !host.unreachableFor.has(this.name)
  }

  /** Product code goes on here, unless there is nobody any more. */
  #deliver(work: () => void): void {
    if (!this.isAlive) return
    if (this.#asleep) this.#asleep.push(work)
    else this.#around.timeline.settle(work)
  }

  #mortal(files: LocalFiles): LocalFiles {
    const isAlive = () => this.isAlive
    return new Proxy(files, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name)
        if (typeof method !== "function") return method
        return (...args: readonly unknown[]) => (isAlive() ? method.apply(target, args) : new Promise(() => {}))
      },
    })
  }

  #call<T>(host: Host, effect: () => { readonly result: T | Promise<T>; readonly tookMs: number }, timeoutMs = 60_000): Promise<T> {
    const { timeline, random } = this.#around
    const isFatal = this.#death !== undefined && ++this.#calls === this.#death.call
    if (isFatal && !this.#death?.done) this.die(`before its call ${this.#calls}, to ${host.name}`)
    if (!this.isAlive) return new Promise(() => {})
    return new Promise((resolve, reject) => {
      let isOver = false
      const over = (work: () => void) => {
        if (isOver) return
        isOver = true
        this.#deliver(work)
      }
      const away = () =>
        timeline.after(Math.min(timeoutMs, UNREACHABLE_MS), () => {
          over(() => reject(new AppError("HOST_UNREACHABLE", EXIT.unreachable, `host ${host.name} cannot be reached: no answer`)))
        })
      timeline.after(this.#onTheWay(), () => {
        if (!this.#reaches(host)) return away()
        const boots = host.boots
        let done: { readonly result: T | Promise<T>; readonly tookMs: number }
        try {
          done = effect()
        } catch (error) {
          // A question that the world does not understand would pass for an honest failure.
          if (!(error instanceof AppError))
            this.#around.violation("a gap in the fake", error instanceof Error ? error.message : String(error))
          return timeline.after(random.between(4, 18), () => over(() => reject(error)))
        }
        if (isFatal) return this.die(`after its call ${this.#calls}, to ${host.name}, was done`)
        const answer = (result: T) =>
          timeline.after(done.tookMs + random.between(4, 18), () => {
            if (!this.#reaches(host) || host.boots !== boots) return away()
            return over(() => resolve(result))
          })
        if (done.result instanceof Promise) {
          // The session ends without an answer when the host is gone meanwhile.
          const watch = () => {
            if (isOver) return
            if (!this.#reaches(host) || host.boots !== boots) away()
            else timeline.after(500, watch)
          }
          watch()
          timeline.after(timeoutMs, away)
          done.result.then(answer, (error: unknown) => over(() => reject(error)))
        } else answer(done.result)
        return undefined
      })
    })
  }

  /** A slow link now and then takes seconds, and then the world has moved on when a command arrives. */
  #onTheWay(): number {
    const { random } = this.#around
    const usually = random.between(4, 18)
    return this.#isSlow && random.chance(SLOW_CALLS) ? usually + random.between(300, 6000) : usually
  }

  #access(host: Host): HostAccess {
    const quick = <T>(effect: () => T, tookMs = 3): Promise<T> => this.#call(host, () => ({ result: effect(), tookMs }))
    return {
      run: (argv, options) => this.#call<RunResult>(host, () => runOn(this.#site, host, argv, options?.stdin ?? ""), options?.timeoutMs),
      push: (path, content) => quick(() => host.disk.write(path, content instanceof Secret ? content.expose() : content), 10),
      // What people look at and type into is not part of these worlds.
      feed: () => Promise.reject(new Error("nothing is copied in this world")),
      stream: () => Promise.reject(new Error("nothing is streamed in this world")),
      attach: () => Promise.reject(new Error("nobody has a terminal in this world")),
      hold: (argv) => this.#hold(host, argv),
      rpc: (port, path, timeoutMs) => this.#rpc(host, port, path, timeoutMs),
      containers: () => quick(() => host.engine.seen()),
      inspect: (container) => quick(() => host.engine.inspect(container)),
      kill: (container) =>
        this.#call<void>(host, () => {
          host.engine.kill(container)
          return { result: this.#gone(host, container), tookMs: 60 }
        }),
      start: (container) =>
        quick(() => {
          if (!host.engine.start(container))
            throw new AppError("ENGINE", EXIT.halfWay, `the Docker engine of ${host.name} did not start ${container}: no such container`)
        }, 200),
      logs: (container, { tail }) => quick(() => (host.engine.containers.get(container)?.log ?? []).slice(-(tail ?? 400))),
    }
  }

  /** The engine says when a container does not run any more. */
  #gone(host: Host, container: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        const status = host.engine.inspect(container)?.status
        if (status === "running" || status === "paused") this.#around.timeline.after(50, look)
        else this.#around.timeline.settle(resolve)
      }
      look()
    })
  }

  #rpc(host: Host, port: number, path: string, timeoutMs: number): Promise<unknown> {
    const at = this.#site.topology.nodes.find((node) => node.host === host.name && node.ports.rpc === port)
    const failure = (reason: string) => new AppError("RPC", EXIT.unreachable, `RPC ${path.split("?")[0]}: ${reason}`)
    return this.#call(host, () => {
      const says = at ? askNode(this.#site, this.#site.node(at.name), path) : "nobody"
      if (says === "nobody") throw failure("nothing listens")
      if (says !== "silence" && "error" in says) throw failure(JSON.stringify(says.error))
      if (says !== "silence") return { result: says.answer, tookMs: 2 }
      const silence = new Promise((_, reject) => {
        this.#around.timeline.after(timeoutMs, () => this.#deliver(() => reject(failure(`no answer within ${timeoutMs} ms`))))
      })
      return { result: silence, tookMs: 0 }
    })
  }

  async #hold(host: Host, argv: readonly string[]): Promise<RemoteHold | RunResult> {
    const [name, dir = "", owner = "", control = "", kept = ""] = argv.slice(3)
    if (name !== "lock") throw new Error(`the fake host does not know how to hold ${name}`)
    const hold = new Hold(this.#around, host, `${dir}/lock`)
    this.#holds.add(hold)
    const refusal = await this.#call<number | undefined>(host, () => {
      if (!hold.take()) return { result: BUSY, tookMs: 5 }
      const waiting = new Promise<number | undefined>((resolve) => {
        const from = this.#around.timeline.now
        const look = () => {
          const end = (code: number) => {
            hold.end("refused")
            return this.#deliver(() => resolve(code))
          }
          // A host's lock has no critical section to wait for.
          if (control !== "" && host.locks.isHeld(`${control}/move.lock`)) {
            if (this.#around.timeline.now - from <= SECTION_WAIT_MS) return void this.#around.timeline.after(50, look)
            return end(BUSY)
          }
          if (host.disk.has(kept)) return end(KEPT)
          host.disk.write(`${dir}/owner`, `${owner}\n`)
          hold.begin()
          if (!this.isAlive) hold.fallSilent()
          return this.#deliver(() => resolve(undefined))
        }
        look()
      })
      return { result: waiting, tookMs: 5 }
    }).catch((error: unknown) => {
      // Whether it holds the lock or not, nobody speaks to it any more.
      hold.fallSilent()
      throw error
    })
    if (refusal !== undefined) {
      this.#holds.delete(hold)
      return { code: refusal, stdout: "", stderr: "" }
    }
    if (!this.#reaches(host)) hold.fallSilent()
    return {
      lost: new Promise((resolve) => {
        hold.onEnd = (reason) => {
          this.#holds.delete(hold)
          // A connection that went silent tells its end with the next sign of life that is missed.
          const noticedMs = reason === "released" ? 0 : this.#around.random.between(0, NOTICED_MS)
          this.#around.timeline.after(noticedMs, () => this.#deliver(() => resolve(reason)))
        }
        if (hold.ended !== undefined) hold.onEnd(hold.ended)
      }),
      release: () =>
        this.#call(host, () => {
          hold.end("released")
          return { result: undefined, tookMs: 5 }
        }).catch(() => hold.fallSilent()),
    }
  }
}

/** A file lock on a host that lives as long as its holder hears from the one who took it. */
class Hold {
  readonly host: Host
  onEnd: (reason: string) => void = () => {}
  ended: string | undefined
  readonly #around: Surroundings
  readonly #path: string
  readonly #boots: number
  #silentSince: number | undefined

  constructor(around: Surroundings, host: Host, path: string) {
    this.#around = around
    this.host = host
    this.#path = path
    this.#boots = host.boots
  }

  take(): boolean {
    return this.host.locks.take(this.#path, this)
  }

  begin(): void {
    const watch = () => {
      if (this.ended !== undefined) return
      if (this.host.boots !== this.#boots) return this.end("the host has gone")
      if (this.#silentSince !== undefined && this.#around.timeline.now - this.#silentSince >= SILENCE_MS)
        return this.end("the session ended")
      this.#around.timeline.after(500, watch)
    }
    watch()
  }

  fallSilent(): void {
    this.#silentSince ??= this.#around.timeline.now
  }

  speakAgain(): void {
    this.#silentSince = undefined
  }

  end(reason: string): void {
    if (this.ended !== undefined) return
    this.ended = reason
    if (this.host.boots === this.#boots) this.host.locks.release(this.#path, this)
    this.onEnd(reason)
  }
}

export function ownFiles(): ReturnType<typeof memoryFiles> {
  return memoryFiles()
}
