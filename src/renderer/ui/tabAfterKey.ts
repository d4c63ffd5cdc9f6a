/** The tab that a key moves to from the present one, as the ARIA pattern of tabs has it; null for every other key. */
export function tabAfterKey<Tab>(tabs: readonly Tab[], present: Tab, key: string): Tab | null {
	const last = tabs.length - 1
	const index = tabs.indexOf(present)
	const target = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index <= 0 ? last : index - 1, Home: 0, End: last }[key]
	return target === undefined ? null : (tabs[target] ?? null)
}
