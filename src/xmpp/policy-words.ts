// Words of policy.yaml that the reader of the file and the rules made of it both know.

/** All at a domain of ours: users, rooms and the domain itself. */
export const AT_DOMAIN = 'domain:'

/** Partners whose entries have a tag, or are of a class. */
export const TAGGED = 'tag:'
export const OF_CLASS = 'class:'

/** The policy of partners whose entries name none, and of those that have none. */
export const DEFAULT_POLICY = 'default'

/** Is this a user, and not a group or a domain? */
export const isUser = (name: string): boolean => name.includes('@')
