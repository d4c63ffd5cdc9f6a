/** A list of what is stated of a thing, in two columns where there is room. */
export function Facts({ children }: { children: React.ReactNode }) {
	return <dl className="admin-facts numbers selectable">{children}</dl>
}

/** A term with what is stated of it. */
export function Fact({ term, title, wide = false, children }: { term: string; title?: string; wide?: boolean; children: React.ReactNode }) {
	return <div title={title} className={wide ? 'wide' : undefined}><dt>{term}</dt><dd>{children}</dd></div>
}
