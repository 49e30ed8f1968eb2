"""The risk gate: the only way to an approved order.

Which checks hold for whom:

                                         always   orderly   exposure
  an order that may add risk             yes      yes       yes
  an order that only reduces             yes      yes       passes
  the kill switch's own orders           yes      passes    passes (and must reduce)
  a replace that adds nothing at worst   yes      yes       passes

`checks` lists the members of each class. A cancel needs no approval.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from crossdock.core.amounts import telling
from crossdock.core.risk._seal import Approved, seal
from crossdock.core.risk.case import Authority, Case, Finding, Working
from crossdock.core.risk.checks import ALWAYS, EXPOSURE, ORDERLY, validity
from crossdock.core.risk.limits import LimitBook
from crossdock.core.risk.peers import Peers
from crossdock.core.risk.recent import RecentOrders
from crossdock.core.risk.reservations import Reservation, Reservations, prices_of
from crossdock.core.risk.view import RiskView
from crossdock.core.steering import Steering
from crossdock.errors import RiskRefused
from crossdock.model import ZERO, OrderId, OrderRequest, WriteKind
from crossdock.ports import Ids

_REDUCING = ALWAYS + ORDERLY


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsApproval:
    """Within every limit but the one above which a person must approve.

    Nothing is reserved. Once people have approved, the same request is checked again
    with `Authority.PERSON`: the market may have moved meanwhile.
    """

    request: OrderRequest
    kind: WriteKind
    order_id: OrderId | None
    notional: Decimal  # in the reporting currency
    approval_over: Decimal
    reference_price: Decimal

    @property
    def words(self) -> str:
        worth, limit = telling(self.notional, self.approval_over)
        return f"worth {worth}, a person approves above {limit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What an order that would pass would set aside and be worth."""

    needs_approval: str  # why a person must approve it; empty when none must
    reserved: Reservation
    reference_price: Decimal
    notional: Decimal | None  # in the reporting currency
    reduces: bool


class Gate:
    """Checks requests and reserves their exposure in the same step.

    An approval holds its reservation under its own id until it is consumed or expires
    (then the next call gives it back). Consuming is the caller's moment to hold the
    order under its order id, by applying its intent.
    """

    def __init__(
        self,
        limits: LimitBook,
        reservations: Reservations,
        ids: Ids,
        *,
        steering: Steering | None = None,
        approval_lifetime_s: float = 5.0,
    ) -> None:
        """`limits` may be replaced while it runs. `steering` is what people have set."""
        self.limits = limits
        self._steering = steering or Steering()
        self._reservations = reservations
        self._ids = ids
        self._lifetime_ns = int(approval_lifetime_s * 1_000_000_000)
        self._recent = RecentOrders()
        self._peers = Peers()
        self._pending: deque[tuple[int, str]] = deque()

    def check(
        self,
        request: OrderRequest,
        view: RiskView,
        *,
        authority: Authority = Authority.REQUESTER,
    ) -> Approved | NeedsApproval:
        """Approve a new order. Raises RiskRefused with every reason against it."""
        return self._decide(request, view, authority, None)

    def rehearse(
        self,
        request: OrderRequest,
        view: RiskView,
        *,
        authority: Authority = Authority.REQUESTER,
    ) -> Rehearsal:
        """Run every check of `check` and approve nothing. Raises RiskRefused as it does.

        Nothing is reserved, and nothing counts toward the order rate or as a duplicate.
        """
        case, needs = self._judged(request, view, authority, None)
        return Rehearsal(
            needs_approval="" if needs is None else needs.words,
            reserved=case.reserved,
            reference_price=case.reference_price,
            notional=None if case.unit is None else case.leaves * case.unit,
            reduces=case.reducing,
        )

    def check_replace(
        self,
        request: OrderRequest,
        working: Working,
        view: RiskView,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
        stop_price: Decimal | None = None,
        authority: Authority = Authority.REQUESTER,
    ) -> Approved | NeedsApproval:
        """Approve new values of a working order, for the worst case of old and new.

        `request` is the one the order was made from, with its present prices; what is
        left None stays. `quantity` is the new total. Raises RiskRefused; there
        `allowed_quantity` is a total, too.
        """
        try:
            changed = replace(
                request,
                quantity=working.quantity if quantity is None else quantity,
                limit_price=request.limit_price if limit_price is None else limit_price,
                stop_price=request.stop_price if stop_price is None else stop_price,
            )
        except ValueError as error:
            raise RiskRefused([("replace", str(error))]) from error
        working = working._replace(prices=(*prices_of(request), *working.prices))
        return self._decide(changed, view, authority, working)

    def consume(self, approved: Approved, view: RiskView) -> OrderRequest:
        """Use an approval up and give back what it held. Raises RiskRefused.

        The caller applies the order's intent (or the replace's attempt) at once, which
        holds the same worst case under the order's id.
        """
        request = approved.consume(view.monotonic_ns())
        self._reservations.release(approved.approval_id)
        return request

    def release_expired(self, now_ns: int) -> int:
        """Give back what expired approvals still hold; return how many did."""
        pending = self._pending
        released = 0
        while pending and pending[0][0] <= now_ns:
            released += self._reservations.release(pending.popleft()[1]) is not None
        return released

    def _decide(
        self,
        request: OrderRequest,
        view: RiskView,
        authority: Authority,
        working: Working | None,
    ) -> Approved | NeedsApproval:
        case, needs = self._judged(request, view, authority, working)
        if needs is not None:
            return needs
        kind = WriteKind.SUBMIT if working is None else WriteKind.REPLACE
        order_id = None if working is None else working.order_id
        return self._approve(request, kind, order_id, case)

    def _judged(
        self,
        request: OrderRequest,
        view: RiskView,
        authority: Authority,
        working: Working | None,
    ) -> tuple[Case, NeedsApproval | None]:
        now_ns = view.monotonic_ns()
        self.release_expired(now_ns)
        case = self._case(request, view, working, now_ns)
        adds = case.adds
        _raise_findings(case, authority, adds=adds)
        over = case.limits.approval_over
        if over is None or not adds or authority is not Authority.REQUESTER:
            return case, None
        notional = case.leaves * (case.unit or ZERO)
        if notional <= over:
            return case, None
        return case, NeedsApproval(
            request=request,
            kind=WriteKind.SUBMIT if working is None else WriteKind.REPLACE,
            order_id=None if working is None else working.order_id,
            notional=notional,
            approval_over=over,
            reference_price=case.reference_price,
        )

    def _case(
        self, request: OrderRequest, view: RiskView, working: Working | None, now_ns: int
    ) -> Case:
        """Gather what is known. Raises RiskRefused where too little is to check anything."""
        account = view.account(request.account)
        instrument = view.instrument(request.instrument)
        terms = view.terms(request.account, request.instrument)
        if account is None or instrument is None or terms is None:
            reasons = _unknown(request, view)
            raise RiskRefused([(finding.check, finding.words) for finding in reasons])
        wrong = validity.numbers(
            request, instrument, ZERO if working is None else working.cumulative_quantity
        )
        if wrong:
            raise RiskRefused([("numbers", wrong)])
        limits, symbol_refusal = self.limits.resolve(
            request.account, request.portfolio, request.strategy, request.instrument
        )
        return Case(
            request,
            view,
            limits,
            symbol_refusal,
            instrument,
            terms,
            account,
            working,
            self._recent,
            self._peers,
            self._steering,
            view.time_ns(),
            now_ns,
        )

    def _approve(
        self,
        request: OrderRequest,
        kind: WriteKind,
        order_id: OrderId | None,
        case: Case,
    ) -> Approved:
        approval_id = self._ids.next("ap")
        expires_ns = case.monotonic_ns + self._lifetime_ns
        approved = seal(
            request,
            kind,
            approval_id,
            case.reserved,
            expires_ns,
            case.reference_price,
            order_id,
        )
        self._reservations.hold(approval_id, case.extra)
        self._pending.append((expires_ns, approval_id))
        self._recent.note(request, case.monotonic_ns, repeatable=kind is WriteKind.REPLACE)
        return approved


def _raise_findings(case: Case, authority: Authority, *, adds: bool) -> None:
    """Run the checks that hold. Raises RiskRefused with all that speaks against it."""
    findings: list[Finding] = []
    checks = _REDUCING
    if authority is Authority.KILL:
        checks = ALWAYS
        if not case.reducing:
            words = f"the kill switch only reduces, and the position is {case.position}"
            findings.append(Finding("kill", words, case.fitting(case.reducible)))
    for check in checks:
        finding = check(case)
        if finding is not None:
            findings.append(finding)
    excess: list[Finding] = []
    if adds and authority is not Authority.KILL:
        for check in EXPOSURE:
            finding = check(case)
            if finding is not None:
                excess.append(finding)
    if findings or excess:
        raise _refusal(case, findings, excess)


def _unknown(request: OrderRequest, view: RiskView) -> list[Finding]:
    findings = []
    if view.account(request.account) is None:
        findings.append(Finding("account", f"{request.account} is not an account here"))
    if view.instrument(request.instrument) is None:
        findings.append(Finding("instrument", f"{request.instrument} is not listed"))
    if view.terms(request.account, request.instrument) is None:
        words = f"{request.account} does not trade {request.instrument}"
        findings.append(Finding("instrument", words))
    return findings


def _refusal(
    case: Case, findings: Sequence[Finding], excess: Sequence[Finding]
) -> RiskRefused:
    """Return the error, with the largest quantity that would pass every check.

    What breaks limits of exposure may still shrink until it only reduces.
    """
    quantities = [finding.allowed_quantity for finding in findings]
    if excess:
        way_out = case.fitting(case.reducible)
        within = _least([finding.allowed_quantity for finding in excess])
        quantities.append(max(way_out or ZERO, within or ZERO) or None)
    least = _least(quantities)
    allowed = None if least is None else f"{least:f}"
    return RiskRefused(
        [(finding.check, finding.words) for finding in (*findings, *excess)],
        allowed_quantity=allowed,
        hint=f"at most {allowed} would pass" if allowed is not None else "",
    )


def _least(quantities: Sequence[Decimal | None]) -> Decimal | None:
    """Return the smallest, None where one is None: no quantity helps there."""
    least: Decimal | None = None
    for quantity in quantities:
        if quantity is None:
            return None
        least = quantity if least is None else min(least, quantity)
    return least
