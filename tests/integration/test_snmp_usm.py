# SPDX-License-Identifier: Apache-2.0
"""USM to the letter of RFC 3414: each fault has its report, and its counter grows by one."""
import contextlib

import pytest

from harness import PASSPHRASE, SnmpError
from snmp_packets import END, GET, NEXT, NULL, SET, ber, integer, pdu, varbind
from usm_packets import PRIV_FLAG, REPORTABLE, Both, UsmUser

USM_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
MPD_STATS = (1, 3, 6, 1, 6, 3, 11, 2, 1)
TARGET = (1, 3, 6, 1, 6, 3, 12, 1)
ENGINE = (1, 3, 6, 1, 6, 3, 10, 2, 1)
UNSUPPORTED_LEVELS, NOT_IN_TIME, UNKNOWN_USERS, UNKNOWN_ENGINES, WRONG_DIGESTS, DECRYPTION = (
    (*USM_STATS, n, 0) for n in range(1, 7))
UNKNOWN_MODELS, INVALID_MESSAGES, UNKNOWN_HANDLERS = ((*MPD_STATS, n, 0) for n in range(1, 4))
UNKNOWN_CONTEXTS = (*TARGET, 5, 0)
SYS_NAME = "1.3.6.1.2.1.1.5.0"
USM_USERS = (1, 3, 6, 1, 6, 3, 15, 1, 2)
ALL_COUNTERS = [UNSUPPORTED_LEVELS, NOT_IN_TIME, UNKNOWN_USERS, UNKNOWN_ENGINES, WRONG_DIGESTS,
                DECRYPTION, UNKNOWN_MODELS, INVALID_MESSAGES, UNKNOWN_HANDLERS, UNKNOWN_CONTEXTS]


def dotted(name):
    return "." + ".".join(map(str, name))


def counters(agent):
    out = agent.snmp("snmpget", "-Oqvn", [dotted(n) for n in ALL_COUNTERS], mibs=False)
    return dict(zip(ALL_COUNTERS, map(int, out.split())))


@contextlib.contextmanager
def grows(agent, counter, by=1):
    """This counter and no other of USM's and the dispatcher's."""
    before = counters(agent)
    yield
    after = counters(agent)
    assert {n: after[n] - before[n] for n in ALL_COUNTERS if after[n] != before[n]} == {counter: by}


@pytest.fixture
def user(agent):
    with UsmUser(agent) as one:
        yield one


def test_all_is_well_with_a_right_message(agent, user):
    before = counters(agent)
    got = user.ask(GET, [SYS_NAME])
    assert got.report is None and got.answer.status == 0
    assert got.engine == user.engine and got.user == b"noc" and got.context == b""
    assert counters(agent) == before


OURS = object()  # the engine's own id
FAULTS = {
    "wrong password": (WRONG_DIGESTS, {"spoil": True}),
    "unknown user": (UNKNOWN_USERS, {"name": b"nobody-knows"}),
    "user whose name goes on behind a NUL": (UNKNOWN_USERS, {"name": b"noc\0more"}),
    "user whose name ends with a NUL": (UNKNOWN_USERS, {"name": b"noc\0"}),
    "user without a name": (UNKNOWN_USERS, {"name": b""}),
    "unknown engine id": (UNKNOWN_ENGINES, {"engine": b"\x80\0\0\1\4other"}),
    "unknown engine id, context of this one": (UNKNOWN_ENGINES, {"engine": b"\x80\0\0\1\4other",
                                                                "context_engine": OURS}),
    "no engine id": (UNKNOWN_ENGINES, {"engine": b""}),
    "unknown engine before unknown user": (UNKNOWN_ENGINES, {"engine": b"", "name": b"nobody"}),
    "salt of seven octets": (DECRYPTION, {"salt": b"1234567"}),
    "salt of nine octets": (DECRYPTION, {"salt": b"123456789"}),
    "unknown context": (UNKNOWN_CONTEXTS, {"context": b"there-is-none"}),
    "unknown context engine": (UNKNOWN_HANDLERS, {"context_engine": b"\x80\0\0\1\4other"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_has_its_report_and_counter(agent, user, fault):
    counter, parts = FAULTS[fault]
    before = counters(agent)[counter]
    with grows(agent, counter):
        if "salt" in parts:
            got = user.exchange(odd_salt(user, parts["salt"]))
        else:
            got = user.ask(GET, [SYS_NAME], **{
                key: user.engine if value is OURS else value for key, value in parts.items()})
        assert got.report == counter
        assert got.engine == user.engine
        assert int.from_bytes(got.answer.varbinds[0][2], "big") == before + 1
    assert got.flags & 3 == (3 if counter in (UNKNOWN_CONTEXTS, UNKNOWN_HANDLERS) else 0)


def test_a_longer_digest_is_wrong(agent, user):
    """Also when what it begins with is right: RFC 7860, 4.2.2, step 1."""
    user.digest_len = 32
    with grows(agent, WRONG_DIGESTS):
        assert user.ask(GET, [SYS_NAME]).report == WRONG_DIGESTS


def odd_salt(user, salt):
    """Signed as it should be, but with more or fewer than eight octets of salt."""
    crypt = user.crypt
    user.crypt = lambda data, boots, time, _: crypt(data, boots, time, b"12345678")
    try:
        return user.message(pdu(GET, 1, [SYS_NAME]), salt=salt)
    finally:
        user.crypt = crypt


@pytest.mark.parametrize("boots, seconds", [(0, -151), (0, 200), (-1, 0), (1, 0), (None, 0)])
def test_outside_the_time_window(agent, user, boots, seconds):
    """150 s either way, and the same count of starts (RFC 3414, 3.2 step 7 a); the report is
    signed, so that a manager can believe its time."""
    if seconds < 0:
        user.time += 1000  # whatever the engine's time is
    else:
        user.time += seconds
    own = user.boots
    user.boots = 2147483647 if boots is None else user.boots + boots
    with grows(agent, NOT_IN_TIME):
        got = user.ask(GET, [SYS_NAME])
        assert got.report == NOT_IN_TIME
        assert got.flags & 3 == 1
        assert (got.boots, got.engine) == (own, user.engine)


def test_inside_the_time_window(agent, user):
    before = counters(agent)
    for seconds in (-100, 0, 100):
        moment = user.time + seconds
        if moment < 0:
            continue
        assert user.ask(GET, [SYS_NAME], time=moment).report is None
    assert counters(agent) == before


def test_a_recorded_request_says_nothing_after_a_restart(new_agent):
    agent = new_agent().start()
    with UsmUser(agent) as user:
        recorded = user.message(pdu(GET, 7, [SYS_NAME]))
        assert user.exchange(recorded).report is None
        agent.kill9()
        agent.start()
        with grows(agent, NOT_IN_TIME):
            assert user.exchange(recorded).report == NOT_IN_TIME


def test_after_the_last_start_that_can_be_counted_nothing_is_in_time(new_agent):
    """RFC 3414, 2.2.2 and 3.2 step 7 a: the engine wants a new id then; v2c goes on."""
    agent = new_agent().start()
    agent.stop()
    kept = agent.state / "snmp/engine"
    kept.write_text("\n".join([kept.read_text().splitlines()[0], "boots 2147483646", ""]))
    agent.start()
    with UsmUser(agent) as user, grows(agent, NOT_IN_TIME):
        assert user.boots == 2147483647
        assert user.ask(GET, [SYS_NAME]).report == NOT_IN_TIME


def test_a_replayed_set_acts_once(agent):
    """Within the window: it is known by its request id and digest for 10 s."""
    with UsmUser(agent, "nocadmin") as user:
        name = agent.oid("cbmcBoardName", "1.5")
        body = ber(SET, integer(99), integer(0), integer(0),
                   ber(0x30, varbind(name, ber(4, b"first"))))
        recorded = user.message(body)
        assert user.exchange(recorded).answer.status == 0
        agent.snmpset("cbmcBoardName.1.5", "s", "second")
        assert user.exchange(recorded).answer.status == 0
        assert agent.snmpget("cbmcBoardName.1.5") == "second"
        agent.snmpset("cbmcBoardName.1.5", "s", "")


def test_unavailable_security_model_is_dropped_and_counted(agent, user):
    """RFC 3412, 7.2 step 4: discarded, no report."""
    with grows(agent, UNKNOWN_MODELS):
        assert user.silent(user.message(pdu(GET, 1, [SYS_NAME]), model=99))


def test_encryption_without_authentication_is_dropped_and_counted(agent, user):
    """RFC 3412, 7.2 step 5 d."""
    with grows(agent, INVALID_MESSAGES):
        assert user.silent(user.message(pdu(GET, 1, [SYS_NAME]), flags=PRIV_FLAG | REPORTABLE))


@pytest.mark.parametrize("level", ["noAuthNoPriv", "authNoPriv"])
def test_a_user_with_keys_reads_nothing_without_them(agent, user, level):
    got = user.ask(GET, [SYS_NAME], level=level)
    assert got.answer.status == 16, "authorizationError"
    assert got.flags & 3 == (level == "authNoPriv")
    assert [tag for _, tag, _ in got.answer.varbinds] == [NULL]


def test_a_request_that_wants_no_report_gets_none(agent, user):
    with grows(agent, UNKNOWN_CONTEXTS):
        assert user.silent(user.message(pdu(GET, 1, [SYS_NAME]), flags=3, context=b"none"))


def test_a_wrong_key_for_encryption_is_dropped(agent, user):
    """It can't be told from garbage: the PDU does not parse (RFC 3414 has no counter)."""
    parse_errors = "1.3.6.1.2.1.11.6.0"
    before = int(agent.snmp("snmpget", "-Oqv", [parse_errors], mibs=False))
    user.priv_key = bytes(32)
    assert user.silent(user.message(pdu(GET, 1, [SYS_NAME])))
    assert int(agent.snmp("snmpget", "-Oqv", [parse_errors], mibs=False)) == before + 1


def test_engine_group_says_what_the_messages_say(agent, user):
    got = user.ask(GET, [dotted((*ENGINE, n, 0)) for n in range(1, 5)])
    ident, boots, seconds, size = (content for _, _, content in got.answer.varbinds)
    assert ident == user.engine
    assert int.from_bytes(boots, "big") == user.boots
    assert 0 <= int.from_bytes(seconds, "big") - got.time <= 1
    assert int.from_bytes(size, "big") == got.max_size == 65507


@pytest.mark.parametrize("root", [USM_USERS, (1, 3, 6, 1, 6, 3, 16), (1, 3, 6, 1, 6, 3, 18)])
def test_tables_of_users_and_rights_show_nothing_and_take_nothing(agent, root):
    with UsmUser(agent, "nocadmin") as user:
        after = user.ask(NEXT, [dotted(root)]).answer.varbinds[0]
        assert after[1] == END or after[0][:len(root)] != root
        body = ber(SET, integer(1), integer(0), integer(0), ber(0x30, varbind(
            (*root, 1, 5, 1, 1), ber(4, b"x"))))
        answer = user.exchange(user.message(body)).answer
        assert answer.status in (6, 11, 17) and answer.index == 1


def test_a_view_of_all_shows_users_without_keys_and_lets_none_be_changed(new_agent):
    """usmUserTable and VACM's tables are read where a view names them, and never written: users
    come from the config alone."""
    agent = new_agent().start()
    agent.stop()
    agent.start_daemon(lambda text: text.replace(
        "  users:\n", '  views: [ { name: all, include: [ ".1" ] } ]\n  users:\n').replace(
        "name: nocadmin, ", "name: nocadmin, view: all, "))
    auth = ["-v3", "-l", "authPriv", "-u", "nocadmin", "-a", "SHA-256", "-A", PASSPHRASE, "-x",
            "AES-256", "-X", PASSPHRASE]
    text = agent.snmp("snmpwalk", "-OnQ", ["1.3.6.1.6.3"], auth=auth, mibs=False)
    own = f".{dotted(USM_USERS)[1:]}.2.1."
    assert own + "3." in text, "usmUserSecurityName"
    assert PASSPHRASE not in text
    changes = [line for line in text.splitlines()
               if line.startswith(tuple(f"{own}{column}." for column in (6, 7, 9, 10)))]
    assert len(changes) >= 8 and all(line.endswith('= ""') for line in changes)
    with UsmUser(agent, "nocadmin") as user:
        row = next(line.split()[0] for line in text.splitlines() if line.startswith(own + "13."))
        for name, value in [(row, integer(6)), (changes[0].split()[0], ber(4, bytes(32))),
                            (dotted((*USM_USERS, 1, 0)), integer(1))]:
            body = ber(SET, integer(1), integer(0), integer(0), ber(0x30, varbind(name, value)))
            assert user.exchange(user.message(body)).answer.status in (6, 16, 17)
        assert user.ask(GET, [row]).answer.varbinds[0][2] == b"\x01"


CIPHERS = ["aes128", "aes192", "aes256"]
HASHES = ["sha1", "sha224", "sha256", "sha384", "sha512"]
WORDS = {"sha1": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384",
         "sha512": "SHA-512", "aes128": "AES", "aes192": "AES-192", "aes256": "AES-256"}


@pytest.fixture(scope="module")
def many(request):
    """An agent with a user for each pair of protocols, and ones that do not encrypt."""
    from conftest import Agents
    users = "".join(
        f"    - {{ name: {h}-{c}, auth: {h}, auth_passphrase: {PASSPHRASE}, priv: {c}"
        + (f", priv_passphrase: {PASSPHRASE}-2 }}\n" if c != "none" else " }\n")
        for h in HASHES for c in [*CIPHERS, "none"])
    one = Agents.new()
    try:
        one.start().stop()
        one.start_daemon(lambda text: text.replace("  users:\n", "  users:\n" + users))
        yield one
    finally:
        Agents.remove(one)


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("hash_", HASHES)
def test_net_snmps_client_reads_with_each_pair_of_protocols(many, hash_, cipher):
    auth = ["-v3", "-l", "authPriv", "-u", f"{hash_}-{cipher}", "-a", WORDS[hash_], "-A", PASSPHRASE,
            "-x", WORDS[cipher], "-X", PASSPHRASE + "-2"]
    assert many.snmpget("cbmcBoardId.1.1", auth=auth) == "sub1-01"
    assert len(many.snmpbulkwalk("cbmcBoardId", auth=auth)) == 73
    with pytest.raises(SnmpError):
        many.snmpget("cbmcBoardId.1.1", auth=[*auth[:-1], PASSPHRASE], timeout=0.2)


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("hash_", HASHES)
def test_the_read_engine_has_each_pair_of_protocols(many, hash_, cipher):
    with UsmUser(many, f"{hash_}-{cipher}", hash_, PASSPHRASE, cipher, PASSPHRASE + "-2") as user:
        both = Both(user)
        got = both.ask(GET, [many.oid("cbmcBoardId", "1.1")])
        assert got.answer.varbinds[0][2] == b"sub1-01"
        both.assert_two_ways()


@pytest.mark.parametrize("hash_", HASHES)
def test_a_user_without_encryption_reads_in_the_clear(many, hash_):
    auth = ["-v3", "-l", "authNoPriv", "-u", f"{hash_}-none", "-a", WORDS[hash_], "-A", PASSPHRASE]
    assert many.snmpget("cbmcBoardId.1.1", auth=auth) == "sub1-01"
    assert len(many.snmpbulkwalk("cbmcBoardId", auth=auth)) == 73
    with pytest.raises(SnmpError, match="uthorization"):
        many.snmpget("cbmcBoardId.1.1", auth=["-v3", "-l", "noAuthNoPriv", "-u", f"{hash_}-none"])


def test_unsupported_security_level(many):
    with UsmUser(many, "sha256-none") as user, grows(many, UNSUPPORTED_LEVELS):
        assert user.ask(GET, [SYS_NAME]).report == UNSUPPORTED_LEVELS
