// Does a core make another salt each time that a user logs in, or does each user keep theirs?

/** Of so many users it is remembered which salt they had. */
const USERS = 64

interface Had {
  readonly salt: string
  /** How often running it was another than before. */
  readonly changes: number
}

export class Freshness {
  /** The one seen last at the end. */
  readonly #users = new Map<string, Had>()
  #isFresh: boolean

  constructor(isFresh = false) {
    this.#isFresh = isFresh
  }

  get isFresh(): boolean {
    return this.#isFresh
  }

  /** This user has this salt now. One other than before is a new password; two running are not. */
  seen(user: string, salt: string): void {
    const before = this.#users.get(user)
    const changes = before === undefined || before.salt === salt ? 0 : before.changes + 1
    if (before?.salt === salt) this.#isFresh = false
    if (changes >= 2) this.#isFresh = true
    this.#users.delete(user)
    this.#users.set(user, { salt, changes })
    if (this.#users.size > USERS) for (const oldest of [...this.#users.keys()].slice(0, 1)) this.#users.delete(oldest)
  }
}
