"""A room names the rooms whose headers it includes, all of them and no others.

walls_test.py FOLDER ROOM=used,used...   with the folder plexiform/ and what plexiform/CMakeLists.txt says of each room
"""
import pathlib
import re
import sys


def included(room: pathlib.Path) -> set[str]:
    sources = [path for path in room.rglob("*") if path.suffix in (".hpp", ".cpp")]
    names = {name for path in sources for name in re.findall(r'#include "plexiform/([a-z_]+)/', path.read_text())}
    return names - {room.name}


def main() -> int:
    root, said = pathlib.Path(sys.argv[1]), dict(argument.split("=") for argument in sys.argv[2:])
    wrong = []
    for room, uses in said.items():
        named, found = set(filter(None, uses.split(","))), included(root / room)
        wrong += [f"{room} includes {other} and does not name it" for other in sorted(found - named)]
        wrong += [f"{room} names {other} and does not include it" for other in sorted(named - found)]
    folders = {path.name for path in root.iterdir() if path.is_dir()}
    wrong += [f"plexiform/{folder} is not a room of plexiform/CMakeLists.txt" for folder in sorted(folders - set(said))]
    print("\n".join(wrong) or f"{len(said)} rooms name what they include")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
