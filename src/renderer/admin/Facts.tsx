/** A list of what is stated of a thing, in two columns where there is room. */
export function Facts({ children }: { children: React.ReactNode }) {
	return <dl className="admin-facts numbers selectable">{children}</dl>
}

/** A term with what is stated of it. */
export function Fact({ term, title, wide = false, children }: { term: string; title?: string; wide?: boolean; children: React.ReactNode }) {
	return <div title={title} className={wide ? 'wide' : undefined}><dt>{term}</dt><dd>{children}</dd></div>
}

/** What is stated of a picture, in the narrow column beside it; the words may be the data's own. */
export function NarrowFacts({ children }: { children: React.ReactNode }) {
	return <dl className="admin-narrow-facts numbers selectable">{children}</dl>
}

/** A term, cut where it is long, with what is stated. */
export function NarrowFact({ term, title, children }: { term: string; title?: string; children: React.ReactNode }) {
	return <div title={title}><dt className="cut" title={term}><bdi>{term}</bdi></dt><dd><bdi>{children}</bdi></dd></div>
}
