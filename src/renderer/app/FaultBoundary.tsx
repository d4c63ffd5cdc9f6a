import { Component, type ReactNode } from 'react'
import { EmptyState } from '../ui/EmptyState.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'

interface Fault {
	error: Error | null
}

/** A fault while a room is drawn takes that room only, and says so. */
export class FaultBoundary extends Component<{ children: ReactNode }, Fault> {
	override state: Fault = { error: null }

	static getDerivedStateFromError(error: unknown): Fault {
		return { error: error instanceof Error ? error : new Error(String(error)) }
	}

	override render(): ReactNode {
		const { error } = this.state
		if (!error) return this.props.children
		return (
			<main className="frame-fault">
				<EmptyState
					title="This room could not be drawn."
					text="What was stored is kept. Draw it again, or go to another room."
				>
					<button className="primary" onClick={() => this.setState({ error: null })}>Draw it again</button>
					<CopyButton title="Copy details" text={() => error.stack ?? error.message} />
				</EmptyState>
			</main>
		)
	}
}
