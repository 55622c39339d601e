// Text as it may stand in XML and HTML, in attributes too.

const AS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Characters that XML forbids are replaced. */
export const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, (character) => AS[character] ?? character)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
