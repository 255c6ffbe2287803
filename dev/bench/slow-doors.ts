import { connect, createServer, type Socket } from "node:net"
import type { Duplex } from "node:stream"
import { listening, portOf } from "../../test/support/ssh-server.ts"

/** A TCP port of loopback behind which something answers late, or never. */
export type Door = { readonly port: number; close(): Promise<void> }

/** Takes every connection and never says a word, like a host whose kernel lives on while nothing else does. */
export function silentDoor(): Promise<Door> {
  // What a client says is read, so that its going away is heard of.
  return openDoor((socket) => void socket.resume())
}

/** Hands everything on to another port of loopback, each piece this much later in each direction. */
export function lateDoor(port: number, delayMs: number): Promise<Door> {
  return openDoor((socket) => {
    const far = connect({ host: "127.0.0.1", port, noDelay: true })
    holdBack(socket, far, delayMs)
    holdBack(far, socket, delayMs)
    far.on("error", () => socket.destroy())
    socket.on("close", () => far.destroy())
  })
}

async function openDoor(welcome: (socket: Socket) => void): Promise<Door> {
  const guests = new Set<Socket>()
  const server = await listening(
    createServer((socket) => {
      guests.add(socket)
      socket.setNoDelay(true)
      socket.on("close", () => guests.delete(socket))
      // A client that is killed resets its connection, which is nobody's fault.
      socket.on("error", () => socket.destroy())
      welcome(socket)
    }),
  )
  return {
    port: portOf(server),
    async close() {
      for (const guest of guests) guest.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Timers of one length end in the order in which they began, so the pieces stay in order. */
function holdBack(from: Duplex, to: Duplex, delayMs: number): void {
  from.on("data", (piece: Buffer) => setTimeout(() => to.writable && to.write(piece), delayMs))
  from.on("end", () => setTimeout(() => to.end(), delayMs))
}
