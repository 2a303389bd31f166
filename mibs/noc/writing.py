# SPDX-License-Identifier: Apache-2.0
"""How the files are spelt: YAML with a comment on top, and identifiers that stay."""
import hashlib

import yaml


class Plain(yaml.SafeDumper):
    """Indents lists below their key, and writes equal parts out again instead of an anchor."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data):
        return True


def document(data, *head):
    lines = "".join(f"# {line}\n" for line in ("SPDX-License-Identifier: Apache-2.0", *head))
    return lines + yaml.dump(data, Dumper=Plain, sort_keys=False, width=96, allow_unicode=True)


def uuid(*names):
    """32 hexadecimal digits that stay the same as long as the names do, spelt as version 4."""
    digits = hashlib.sha256("/".join(names).encode()).hexdigest()[:32]
    return f"{digits[:12]}4{digits[13:16]}{'89ab'[int(digits[16], 16) % 4]}{digits[17:]}"
