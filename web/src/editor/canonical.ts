// Are two pieces of HTML the same to a reader? White space outside pre does not count, nor the order of attributes.

const kInert = document.implementation.createHTMLDocument("");

/// The body of a document in which nothing loads and nothing runs.
export function parseInert(html: string): HTMLElement {
    const body = kInert.createElement("body");
    body.innerHTML = html;
    return body;
}

export interface CanonicalOptions { tableComments: boolean }

/// `tableComments`: false leaves out comments between the rows and items of tables and lists, which are kept with the source.
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
