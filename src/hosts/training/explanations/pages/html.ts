/** Text of data is text on a page. */
export function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\p{Cc}/gu, ' ')
}

/** A table with a caption; cells are text and escaped here. The first columns of words are aligned left, numbers right. */
export function tableOf(caption: string, words: number, header: readonly string[], rows: readonly (readonly string[])[]): string {
	const cell = (tag: 'th' | 'td', text: string, column: number) => `<${tag}${column < words ? ' class="word"' : ''}${tag === 'th' ? ' scope="col"' : ''}>${escaped(text)}</${tag}>`
	return [
		'<div class="wide"><table>',
		`<caption>${escaped(caption)}</caption>`,
		`<thead><tr>${header.map((text, column) => cell('th', text, column)).join('')}</tr></thead>`,
		'<tbody>',
		...rows.map((row) => `<tr>${row.map((text, column) => cell('td', text, column)).join('')}</tr>`),
		'</tbody></table></div>',
	].join('\n')
}

const STYLE = `
:root { color-scheme: dark; --background: #0e0f11; --panel: #16181b; --line: #2a2d31; --text: #d9dde1; --muted: #9aa2a9; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 84rem; padding: 2rem 1.5rem 3rem; background: var(--background); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; font-weight: 600; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; font-weight: 600; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.75rem 0 .25rem; }
p { max-width: 62rem; margin: .5rem 0; }
.muted, caption, figcaption { color: var(--muted); }
.research { display: inline-block; margin: 0 0 1rem; padding: .2rem .6rem; border: 1px solid var(--line); border-radius: 4px; color: var(--muted); font-size: .85rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .75rem 0 1.25rem; font-size: .86rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .35rem; max-width: 62rem; }
th, td { padding: .28rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; color: var(--muted); white-space: normal; min-width: 3.5rem; max-width: 9rem; vertical-align: bottom; }
.word { text-align: left; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 1rem 0; padding: .9rem; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.plots figure { margin: 0; max-width: 27rem; }
.plots svg { display: block; max-width: 100%; }
.plots .muted svg { display: inline-block; }
.scale { display: inline-block; width: 14rem; height: .7rem; margin: 0 .4rem; vertical-align: -.05rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(12.5rem, 45%), 1fr)); gap: .75rem; }
.panels img { display: block; width: 100%; height: auto; background: #000; }
.panels span { display: block; margin-top: .3rem; font-size: .82rem; color: var(--muted); }
figcaption { font-size: .88rem; margin-top: .6rem; overflow-wrap: anywhere; }
figcaption strong { color: var(--text); font-weight: 600; }
details summary { cursor: pointer; color: var(--muted); }
h1, p, li, footer { overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .85rem; }
`

/** A whole page without scripts that loads nothing but the pictures beside it. `body` is HTML. */
export function pageOf(title: string, body: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`
}
