import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import { CardDialog } from '../../../src/renderer/ui/CardDialog.tsx'

it.each<[string, string | null, string, string[], string[]]>([
	['the text of a card', '# What it is for', '', ['What it is for'], ['role="alert"', 'Looking for the card']],
	['that it looks for the card', null, '', ['Looking for the card'], ['role="alert"']],
	['that there is none', ' \n', '', ['The pack has no card.'], ['Looking for the card']],
	['why there is none', null, 'The folder is gone.', ['The card could not be read. The folder is gone.'], ['Looking for the card', 'has no card']],
])('says %s', (_, card, fault, said, notSaid) => {
	const text = renderToStaticMarkup(createElement(CardDialog, { title: 'A student', card, fault, onClose: () => {} }))
	for (const words of said) expect(text).toContain(words)
	for (const words of notSaid) expect(text).not.toContain(words)
})
