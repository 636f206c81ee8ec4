"""A disk that is full: what cuts off still cuts off, and nothing is granted that would be lost."""

import os
import signal
import subprocess
import time

import pap
from load import Load, seeded
from model import Model
from router import ROUTER, Refused, Router, host_address, send_esp

PEER, OTHER, THIRD = "192.0.2.10", "192.0.2.20", "192.0.2.30"


def check(program, folder):
    """What is wrong, as a list of sentences."""
    disk = f"{folder}/disk"
    os.mkdir(disk)
    # Only in this process's own mount namespace.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", disk], check=True)
    router = Router(program, folder, ["host1"], store=f"{disk}/state.sqlite")
    try:
        return FullDisk(router, disk).run()
    finally:
        router.kill()
        subprocess.run(["umount", disk], check=True)


class FullDisk:
    def __init__(self, router, disk):
        self.router, self.disk = router, disk
        self.host = pap.Host("host1", 1, host_address(1), ROUTER)
        self.load = Load(router, Model(["host1"]), [self.host], seeded(1))
        self.wrong = []

    def run(self):
        self.router.start()
        self.load.greet()
        slot = self.question(pap.SECURITY_REQUEST, pap.spis(0)).slot
        for peer in (PEER, OTHER):
            self.question(pap.ADDRESS_VALIDATE, pap.entry(pap.VALID, peer))
        self.fill()
        self.cut_off(slot)
        self.grant_nothing()
        self.free()
        self.restart(slot)
        self.fill()
        self.be_refused()
        self.restart(slot)
        return self.wrong

    def question(self, kind, options):
        answers = []
        self.host.ask(kind, options)
        self.load.wait({self.host: answers.append})
        return answers[0]

    def expect(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def fill(self):
        with open(f"{self.disk}/filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    def cut_off(self, slot):
        # The log of the database has some room left in pages that it has already.
        for number in range(200):
            answer = self.router.ask("revoke", target=f"203.0.113.{number}")
            if not answer["durable"]:
                break
        self.expect(not answer["durable"], "the disk did not get full")
        answer = self.router.ask("revoke", target=PEER)
        self.expect(not answer["durable"], f"durable on a full disk: {answer}")
        self.expect("NOT DURABLE" in answer["message"], f"not said: {answer}")
        status = self.router.ask("status")
        self.expect(status["storeProblem"] and status["unstored"] > 0, f"not shown: {status}")
        for words, said in (
                (["revoke", "203.0.113.250"], "NOT DURABLE"), (["status"], "NOT DURABLE"),
                (["revocations"], "NOT YET")):
            text = self.router.ctl(*words)
            self.expect(said in text, f"ctl {words[0]} does not say so: {text}")
        rows = {row["target"]: row["durable"] for row in self.router.ask("revocations")}
        self.expect(rows[f"{PEER}/32"] is False, f"not shown as not durable: {rows}")
        before = status["drops"]["address-revoked"]
        send_esp(PEER, slot << 16 | 0x101, 5)
        deadline = time.monotonic() + 60
        while self.dropped() < before + 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.expect(self.dropped() == before + 5, "a revocation does not bite on a full disk")

    def dropped(self):
        return self.router.ask("status")["drops"]["address-revoked"]

    def grant_nothing(self):
        try:
            self.router.ask("validate", address=THIRD, host="host1")
            self.expect(False, "an operator's validation was taken on a full disk")
        except Refused as refusal:
            self.expect(refusal.args[0] == "not-durable", f"refused as {refusal.args}")
        self.host.ask(pap.ADDRESS_VALIDATE, pap.entry(pap.VALID, THIRD))
        time.sleep(1.5)
        self.expect(self.host.answer() is None, "a host was granted something on a full disk")

    def be_refused(self):
        """Something that is not durable is pending when the router is killed."""
        for number in range(200):
            if not self.router.ask("revoke", target=f"198.18.0.{number}")["durable"]:
                return
        self.expect(False, "the disk did not get full again")

    def free(self):
        os.remove(f"{self.disk}/filler")
        deadline = time.monotonic() + 10
        while self.router.ask("status")["unstored"] and time.monotonic() < deadline:
            time.sleep(0.05)
        status = self.router.ask("status")
        self.expect(
            status["unstored"] == 0 and status["storeProblem"] is None, f"not mended: {status}")
        answers = []
        self.host.repeat()
        self.load.wait({self.host: answers.append})
        self.expect(answers[0].code == pap.SUCCESS, f"the host was refused: {answers[0].code}")

    def restart(self, slot):
        os.kill(self.router.process.pid, signal.SIGKILL)
        self.router.kill()
        self.router.start()
        rows = {row["target"]: row["durable"] for row in self.router.ask("revocations")}
        self.expect(rows.get(f"{PEER}/32") is True, f"the revocation is lost: {rows}")
        valid = {row["address"] for row in self.router.ask("sa")}
        self.expect(valid == {OTHER, THIRD}, f"valid after the restart: {valid}")
        host = self.router.ask("hosts")[0]
        self.expect(host["slot"] and int(host["slot"], 16) == slot, f"the slot is lost: {host}")
        self.expect(self.router.ask("audit-verify")["intact"], "the audit log is broken")
