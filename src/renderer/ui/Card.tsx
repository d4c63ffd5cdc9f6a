import './card.css'
import { blocksOf, spansOf, type Block } from './markdown.ts'

/** A model card (CARD.md), drawn from text. */
export function Card({ text }: { text: string }) {
	// Blocks have no identity of their own, and a card never changes while it is shown.
	return <div className="card selectable">{blocksOf(text).map((block, index) => <BlockView key={index} block={block} />)}</div>
}

function BlockView({ block }: { block: Block }) {
	switch (block.kind) {
		case 'heading':
			// The page's own headings end at level 2.
			return <h3 className={`card-heading-${Math.min(block.level, 3)}`}><Line text={block.text} /></h3>
		case 'paragraph':
			return <p><Line text={block.text} /></p>
		case 'list':
			return <ul>{block.items.map((item, index) => <li key={index}><Line text={item} /></li>)}</ul>
		case 'code':
			return <pre>{block.text}</pre>
		case 'table':
			return (
				<div className="card-table" role="region" aria-label={`Table: ${block.rows[0]?.filter((cell) => cell !== '').join(', ') ?? ''}`} tabIndex={0}>
					<table>
						<tbody>
							{block.rows.map((row, index) => (
								<tr key={index}>{row.map((cell, place) => (index === 0 && cell !== '' ? <th key={place} scope="col"><Line text={cell} /></th> : <td key={place}><Line text={cell} /></td>))}</tr>
							))}
						</tbody>
					</table>
				</div>
			)
	}
}

function Line({ text }: { text: string }) {
	return spansOf(text).map((span, index) => {
		if (span.kind === 'strong') return <strong key={index}>{span.text}</strong>
		if (span.kind === 'code') return <code key={index}>{span.text}</code>
		return span.text
	})
}
