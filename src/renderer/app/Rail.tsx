import { Boxes, FileText, Keyboard, List, ScanLine, Settings, Terminal } from 'lucide-react'
import { useCommands } from './commands.ts'
import { useNavigation, type Room } from './navigation.ts'
import { ROOMS } from './rooms.ts'
import { useHint } from './useHint.ts'

const ICONS: Record<Room, typeof List> = { worklist: List, reading: ScanLine, reports: FileText, admin: Boxes, settings: Settings }

/** The 48-px rail: one button per room, help below. */
export function Rail() {
	const room = useNavigation((state) => state.room)
	return (
		<nav className="rail" aria-label="Rooms">
			{ROOMS.map(({ room: target, title }) => (
				<RailButton key={target} command={`go.${target}`} name={title} icon={ICONS[target]} current={target === room} />
			))}
			<span className="rail-space" />
			<RailButton command="app.palette" name="Commands" icon={Terminal} />
			<RailButton command="app.cheatSheet" name="Keys" icon={Keyboard} />
		</nav>
	)
}

function RailButton({ command, name, icon: Icon, current = false }: { command: string; name: string; icon: typeof List; current?: boolean }) {
	const hint = useHint(name, command)
	return (
		<button
			className="quiet rail-button"
			aria-label={name}
			aria-current={current ? 'page' : undefined}
			title={hint}
			onClick={() => useCommands.getState().commands[command]?.run()}
		>
			<Icon aria-hidden />
		</button>
	)
}
