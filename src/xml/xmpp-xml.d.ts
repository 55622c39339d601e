// What we use of `@xmpp/xml`, which ships no types: the tree. Its parser is not declared, because nothing may use it.

declare module '@xmpp/xml' {
  export type Node = Element | string

  export class Element {
    constructor(name: string, attrs?: Record<string, string | undefined>)
    /** With its prefix. */
    name: string
    parent: Element | null
    attrs: Record<string, string | undefined>
    children: Node[]
    is(name: string, xmlns?: string): boolean
    getName(): string
    getNS(): string | undefined
    findNS(prefix?: string): string | undefined
    getChild(name: string, xmlns?: string): Element | undefined
    getChildren(name: string, xmlns?: string): Element[]
    getChildElements(): Element[]
    getChildText(name: string, xmlns?: string): string | null
    getText(): string
    append(...nodes: Node[]): void
    c(name: string, attrs?: Record<string, string | undefined>): Element
    t(text: string): this
    up(): Element
    root(): Element
    remove(child: Element | string, xmlns?: string): this
    toString(): string
  }

  export default function xml(name: string, attrs?: Record<string, string | undefined>, ...children: Node[]): Element
}
