/** A term with what is stated of it, in a list of facts. */
export function Fact({ term, title, wide = false, children }: { term: string; title?: string; wide?: boolean; children: React.ReactNode }) {
	return <div title={title} className={wide ? 'wide' : undefined}><dt>{term}</dt><dd>{children}</dd></div>
}
