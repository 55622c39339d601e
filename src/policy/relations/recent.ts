// Relations that were looked at lately, by the texts of their addresses as they came: so that a busy one costs two comparisons.
// A cache and nothing else: each pair has one place, and the last one has it.

const PLACES = 8192
/** So many characters of each address say which place. */
const TOLD_BY = 16
const LONGEST = 512

export class Recent {
  readonly #users = Array.from({ length: PLACES }, () => '')
  readonly #contacts = Array.from({ length: PLACES }, () => '')
  readonly #marks = new Uint8Array(PLACES)
  readonly #until = new Uint16Array(PLACES)

  /** Its marks; 0 where it is not known here on this day. */
  marks(user: string, contact: string, day: number): number {
    const place = placeOf(user, contact)
    if (this.#until[place]! < day || this.#users[place] !== user || this.#contacts[place] !== contact) return 0
    return this.#marks[place]!
  }

  /** Keeps them through that day. */
  keep(user: string, contact: string, marks: number, until: number): void {
    if (user.length > LONGEST || contact.length > LONGEST) return
    const place = placeOf(user, contact)
    this.#users[place] = user
    this.#contacts[place] = contact
    this.#marks[place] = marks
    this.#until[place] = until
  }

  clear(): void {
    this.#until.fill(0)
  }
}

function placeOf(user: string, contact: string): number {
  let mixed = user.length
  for (let i = 0; i < TOLD_BY && i < user.length; i++) mixed = Math.imul(mixed, 31) + user.charCodeAt(i)
  mixed = Math.imul(mixed, 31) + contact.length
  for (let i = 0; i < TOLD_BY && i < contact.length; i++) mixed = Math.imul(mixed, 31) + contact.charCodeAt(i)
  return (mixed ^ (mixed >>> 15)) & (PLACES - 1)
}
