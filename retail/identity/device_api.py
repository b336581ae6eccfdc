"""The devices' protocol: enrolment and signed challenges before anybody is known, and cashiers at a device."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from retail.identity import device_queries, devices, pins
from retail.identity.approval_queries import rights_of_people
from retail.identity.device_door import Caller, give_device_cookie, origins, without_person
from retail.identity.device_errors import BadProof, DeviceRevoked, NoPin, NotADevice
from retail.identity.device_queries import Mate
from retail.identity.device_rules import HEALTH_EVERY, read_health
from retail.identity.devices import Coming, Proof, Session
from retail.identity.events import DeviceTold
from retail.identity.permissions import SELL
from retail.kit.ids import new_id
from retail.runtime.db import Read, Tx
from retail.runtime.tenancy import Actor, Scope
from retail.runtime.web.api import allow
from retail.runtime.web.context import db, edge, keyring
from retail.runtime.web.limits import limit
from retail.runtime.web.responses import json_answer, json_text
from retail.runtime.web.routing import PUBLIC

router = APIRouter(tags=["devices"])

Signature = Annotated[str, Field(max_length=100)]
Challenge = Annotated[str, Field(max_length=100)]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDevice(_Exact):
    """A browser that was given a code; `signature` is over the code and the key, by the key's other half."""

    code: str = Field(max_length=40)
    public_key: str = Field(max_length=120, description="P-256, uncompressed point, base64url.")
    signature: Signature


class Named(_Exact):
    """A device that wants to prove itself."""

    device: UUID


class SignedChallenge(Named):
    """A challenge that the device signed."""

    challenge: Challenge
    signature: Signature


class Somebody(_Exact):
    """Who wants to stand at the device: a person with a PIN, or a badge."""

    person: UUID | None = None
    pin: str = Field("", max_length=12)
    badge: str = Field("", max_length=40)


class NewPin(_Exact):
    """A PIN that a person chose; `pin` is the one they have now."""

    person: UUID
    pin: str = Field(max_length=12)
    chosen: str = Field(max_length=12)


class Health(_Exact):
    """How a device is."""

    active: bool = False
    told: dict[str, Any] = Field(default_factory=dict, max_length=30)


_PUBLIC: Final = {"x-permission": PUBLIC}


@router.post("/devices/enrolments", status_code=201, openapi_extra=_PUBLIC)
async def create_enrolment(request: Request, new: NewDevice) -> Response:
    """Enrol a browser with a code, once; the answer's cookie is its first session."""
    await limit(request, "public", f"enrolment:{edge(request).ip}")
    async with db(request).platform() as unit:
        tenant, enrolment = await devices.find_enrolment(unit, new.code)
    device = new_id()
    async with db(request).read(Scope.system(tenant)) as read:
        itself = Actor("device", device, await device_queries.offered_name(read, enrolment))
    scope = Scope(tenant, itself, request_id=edge(request).request_id, ip=edge(request).ip)
    coming = Coming(device, new.code, new.public_key, new.signature, origins(request))
    async with db(request).begin(scope) as tx:
        await devices.enrol(tx, enrolment, coming)
        session = await devices.open_device_session(tx, device, None, edge(request).ip)
        facts = await _facts(tx, device)
    return _with_cookie(request, session, facts, 201)


@router.post("/devices/challenges", status_code=201, openapi_extra=_PUBLIC)
async def create_challenge(request: Request, wanted: Named) -> Response:
    """Give a challenge to sign; a device that isn't known gets one too, and fails at the next step."""
    scope = await home(request, wanted.device)
    return json_answer({"challenge": await db(request).run(scope, devices.make_challenge, wanted.device)}, 201)


@router.post("/devices/sessions", status_code=201, openapi_extra=_PUBLIC)
async def create_session(request: Request, signed: SignedChallenge) -> Response:
    """Open a session for a device that signed a challenge; 403 `device_revoked` where it is one no more."""
    scope = await home(request, signed.device)
    proof = Proof(signed.challenge, signed.signature, origins(request))
    refused = False
    async with db(request).begin(scope) as tx:
        try:
            session = await devices.open_device_session(tx, signed.device, proof, edge(request).ip)
            facts = await _facts(tx, signed.device)
        except DeviceRevoked:
            refused = True  # the challenge is used up all the same
    if refused:
        raise DeviceRevoked
    return _with_cookie(request, session, facts, 201)


@router.get("/device")
async def show_device(request: Request, _scope: Scope = allow(SELL)) -> Response:
    """Give what the device keeps: where it belongs, and who may stand at it."""
    device = _caller(request).device
    async with db(request).read(_alone(request)) as read:
        return json_answer(await _known(read, device))


@router.post("/device/health")
async def tell_health(request: Request, health: Health, _scope: Scope = allow(SELL)) -> Response:
    """Take in how a device is; the answer is what GET /device gives. `active`: somebody used it since the last time."""
    caller = _caller(request)
    async with db(request).begin(_alone(request)) as tx:
        await _note_health(tx, caller, health)
        return json_answer(await _known(tx, caller.device))


@router.post("/device/cashier")
async def change_cashier(request: Request, who: Somebody, _scope: Scope = allow(SELL)) -> Response:
    """Let somebody stand at the device by PIN or badge. 409 `wrong_pin`, `pin_paused`, `pin_locked`, `unknown_badge`.

    With a one-time PIN nobody stands there yet: `one_time` asks for PUT /device/pin first.
    """
    caller = _caller(request)
    async with db(request).begin(_alone(request)) as tx:
        if who.badge:
            person, version = await pins.read_badge(tx, who.badge)
            await _require_mate(tx, caller.device, person)
            told = pins.Told(right=True, version=version)
        else:
            person = who.person or UUID(int=0)
            await _require_mate(tx, caller.device, person)
            told = await pins.try_pin(tx, keyring(request), caller.device, person, who.pin)
        if told.right and not told.one_time:
            await pins.take_over(tx, caller.session, person)
    if not told.right:
        raise pins.wrong(told)
    return json_answer({"person": person, "one_time": told.one_time, "version": told.version})


@router.post("/device/absence")
async def leave(request: Request, _scope: Scope = allow(SELL)) -> Response:
    """Nobody stands at the device now: it is locked, or somebody came while it was offline."""
    caller = _caller(request)
    async with db(request).begin(_alone(request)) as tx:
        await pins.take_over(tx, caller.session, None)
    return json_answer({})


@router.put("/device/pin")
async def choose_pin(request: Request, new: NewPin, _scope: Scope = allow(SELL)) -> Response:
    """Change a PIN, or choose the first one with a one-time PIN; then the person stands at the device."""
    caller = _caller(request)
    async with db(request).begin(_alone(request)) as tx:
        await _require_mate(tx, caller.device, new.person)
        told = await pins.try_pin(tx, keyring(request), caller.device, new.person, new.pin)
        version = await pins.set_pin(tx, keyring(request), new.person, new.chosen) if told.right else 0
        if told.right:
            await pins.take_over(tx, caller.session, new.person)
    if not told.right:
        raise pins.wrong(told)
    return json_answer({"person": new.person, "one_time": False, "version": version})


async def home(request: Request, device: UUID) -> Scope:
    """Give the scope of a device that has proved nothing yet. Raises BadProof for one that isn't known."""
    await limit(request, "public", f"device:{device}")
    async with db(request).platform() as unit:
        home = await device_queries.home_of(unit, device)
    if home is None:
        raise BadProof
    return Scope(
        home[0],
        Actor("device", device, home[1]),
        request_id=edge(request).request_id,
        device=device,
        ip=edge(request).ip,
    )


async def _facts(read: Read, device: UUID) -> dict[str, Any]:
    known = await device_queries.device(read, device)
    shop = await read.fetchrow("SELECT slug, name FROM tenant WHERE id = $1", read.tenant)
    return {
        "device": {"id": known.id, "name": known.name},
        "tenant": dict(shop or {}),
        "till": {"id": known.till, "code": known.till_code, "name": known.till_name},
        "lock_minutes": await device_queries.lock_minutes(read, known.store),
        "health_seconds": int(HEALTH_EVERY.total_seconds()),
        "now": read.now,
    }


async def _known(read: Read, device: UUID) -> dict[str, Any]:
    """Give what a device keeps: its place, and who may stand there: ids, first names, what makes verifiers void."""
    store = (await device_queries.device(read, device)).store
    mates = await device_queries.mates(read, store)
    rights = await rights_of_people(read, [mate.person for mate in mates], store)
    roster = [
        {
            "id": mate.person,
            "name": mate.first_name,
            "pin": mate.pin_version,
            "badge": mate.badge_version,
            "rights": rights.get(mate.person, {}),
        }
        for mate in mates
    ]
    return await _facts(read, device) | {"roster": roster}


async def _mates(read: Read, device: UUID) -> list[Mate]:
    return await device_queries.mates(read, (await device_queries.device(read, device)).store)


async def _require_mate(read: Read, device: UUID, person: UUID) -> None:
    """Let nobody stand at a device who may not sell there. Raises NoPin, as for somebody who isn't known."""
    if person not in {mate.person for mate in await _mates(read, device)}:
        raise NoPin


async def _note_health(tx: Tx, caller: Caller, health: Health) -> None:
    kept = read_health(health.told, tx.now)
    await tx.execute(
        "UPDATE device SET health = $3::text::jsonb, seen_at = $4 WHERE tenant_id = $1 AND id = $2",
        tx.tenant,
        caller.device,
        json_text(kept),
        tx.now,
    )
    if health.active and caller.person is not None:
        await pins.stay(tx, caller.session)
    tx.emit(DeviceTold(caller.device, await device_queries.store_of(tx, caller.device)))


def _alone(request: Request) -> Scope:
    """Give the scope of the device itself: who comes is no act of whoever stood there before."""
    return without_person(_caller(request)).scope(edge(request).request_id, edge(request).ip)


def _caller(request: Request) -> Caller:
    """Give the device that asks. Raises NotADevice for a person's own session."""
    found = edge(request).device
    if not isinstance(found, Caller):
        raise NotADevice
    return found


def _with_cookie(request: Request, session: Session, facts: dict[str, Any], status: int) -> Response:
    response = json_answer(facts, status)
    give_device_cookie(response, request, session.secret, session.expires_at)
    return response
