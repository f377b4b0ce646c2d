// Parsing where nothing loads and nothing runs, and the question whether two pieces of HTML are the same to a reader.
// Style and event attributes are given another name before the parser sees them: it would report each as a violation of the content
// security policy, even in a document that is never shown. unshield() gives them their names back in any text that comes out.

import { isEmptyAnchor } from "./patch";

const kInert = document.createElement("template").content.ownerDocument;
const kShield = "data-yk-shield-";

function shield(html: string): string {
    return html.replace(/(<[a-zA-Z][^\s\/>]*)((?:"[^"]*"|'[^']*'|[^"'>])+)(?=>)/g, (tag, open: string, attributes: string) =>
        open + attributes.replace(/([^\s"'>\/=]+)(\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+))?/g, (all, name: string) => /^(style|on[a-z]+)$/i.test(name) ? kShield + all : all)
        + (isEmptyAnchor(`${tag}>`) ? "></a" : ""));
}
export function unshield(text: string): string { return text.replaceAll(kShield, ""); }

/// The style attribute of an element that parseInert made.
export function styleOf(element: Element): string { return element.getAttribute(`${kShield}style`) ?? element.getAttribute("style") ?? ""; }

/// `html` as the content of a body; its attributes are shielded.
export function parseInert(html: string): HTMLElement {
    const body = kInert.createElement("body");
    body.innerHTML = shield(html);
    return body;
}

export interface CanonicalOptions { tableComments: boolean }

/// Two pieces of HTML are the same if this is: white space outside <pre> does not count, nor the order of attributes. `tableComments`: false leaves out comments between the rows and items of tables and lists, which are kept with the source.
export function canonical(nodes: Iterable<Node>, options: CanonicalOptions = { tableComments: true }): string {
    let out = "";
    const write = (node: Node, inPre: boolean): void => {
        if (node.nodeType === 3) {
            const text = node.nodeValue ?? "";
            out += inPre ? text : text.replace(/[ \t\n\r\f]+/g, "");
        } else if (node.nodeType === 8) {
            if (options.tableComments || !/^(table|thead|tbody|tfoot|tr|ul|ol|dl)$/.test((node.parentNode as Element | null)?.localName ?? "")) out += `<!--${node.nodeValue}-->`;
        } else if (node.nodeType === 1) {
            const element = node as Element;
            const attributes = [...element.attributes].map(a => `${a.name}=${JSON.stringify(a.value)}`).sort().join(" ");
            out += `<${element.localName} ${attributes}>`;
            for (const child of element.localName === "template" ? (element as HTMLTemplateElement).content.childNodes : element.childNodes) write(child, inPre || element.localName === "pre");
            out += `</${element.localName}>`;
        }
    };
    for (const node of nodes) write(node, false);
    return out;
}

export function canonicalHtml(html: string): string { return canonical(parseInert(html).childNodes); }
