"""What stands around every page: the menu, the switches, the sign-in, errors, forms, states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.problems import Text

WORDS: Final[Mapping[str, Text]] = {
    "frame.name": Text("Chasqui", "Chasqui"),
    "frame.skip": Text("Ir al contenido", "Go to the content"),
    "frame.menu": Text("Menú", "Menu"),
    "frame.main": Text("Secciones", "Sections"),
    "frame.other_language": Text("English", "Español"),
    "frame.sign_out": Text("Salir", "Sign out"),
    "frame.own": Text("Mi clave", "My password"),
    "frame.all_branches": Text("Todas las sucursales", "All branches"),
    "frame.branch": Text("Sucursal", "Branch"),
    "frame.look": Text("Ver", "Show"),
    "frame.sandbox": Text(
        "Cuenta de ensayo: nada de esto llega a SUNAT", "Trial account: nothing here reaches SUNAT"
    ),
    "frame.beta": Text(
        "Cuenta en la beta de SUNAT: sin valor tributario", "Account on SUNAT's beta: of no value for tax"
    ),
    "frame.today": Text("Hoy", "Today"),
    "frame.people": Text("Personas", "People"),
    "frame.trail": Text("Bitácora", "Trail"),
    "frame.yes": Text("Sí", "Yes"),
    "frame.no": Text("No", "No"),
    "frame.cancel": Text("Cancelar", "Cancel"),
    "frame.save": Text("Guardar", "Save"),
    "frame.back": Text("Volver", "Back"),
    "frame.older": Text("Anteriores", "Older"),
    "frame.newest": Text("Lo más reciente", "The latest"),
    "frame.nothing": Text("No hay nada que mostrar", "There is nothing to show"),
    "frame.updated": Text("Actualizado {at}", "Updated {at}"),
    "frame.optional": Text("opcional", "optional"),
    "form.wrong": Text("Revise lo señalado", "Look at what is marked"),
    "form.back_again": Text(
        "Su sesión había vencido. Lo que escribió está aquí: revíselo y envíelo otra vez.",
        "Your session had expired. What you typed is here: look it over and send it again.",
    ),
    "error.title": Text("No se pudo", "That did not work"),
    "error.403": Text("Página reservada", "Not for your role"),
    "error.404": Text("Aquí no hay nada", "Nothing is here"),
    "error.start": Text("Ir a Hoy", "Go to Today"),
    "error.id": Text("Número de esta solicitud: {id}", "Number of this request: {id}"),
    "sign.title": Text("Entrar", "Sign in"),
    "sign.ruc": Text("RUC", "RUC"),
    "sign.user": Text("Usuario", "User"),
    "sign.password": Text("Contraseña", "Password"),
    "sign.environment": Text("Cuenta", "Account"),
    "sign.live": Text("Producción", "Live"),
    "sign.beta": Text("Beta de SUNAT", "SUNAT's beta"),
    "sign.sandbox": Text("Ensayo", "Trial"),
    "sign.enter": Text("Entrar", "Sign in"),
    "sign.wrong": Text(
        "El RUC, el usuario o la contraseña no son correctos", "The RUC, the user or the password is not right"
    ),
    "sign.late": Text(
        "Su sesión venció. Lo que escribió no se ha enviado.", "Your session expired. What you typed was not sent."
    ),
    "sign.kept": Text(
        "Al entrar lo encontrará como lo dejó.", "After signing in you find it as you left it."
    ),
    "sign.lost": Text("No se pudo guardar.", "It could not be kept."),
    "sign.strange": Text(
        "La página no reconoce a su navegador: permita sus cookies, ábrala con https y entre otra vez.",
        "The page does not know your browser: allow its cookies, open it with https and sign in again.",
    ),
    "sign.bye": Text("Ha salido.", "You have signed out."),
    "sign.hint": Text(
        "Su usuario se lo da un propietario de la cuenta.", "An owner of the account gives you your user."
    ),
    "password.title": Text("Mi contraseña", "My password"),
    "password.must": Text(
        "La contraseña que usó se la dio otra persona: elija ahora la suya.",
        "The password you used was given to you: choose your own now.",
    ),
    "password.present": Text("Contraseña actual", "Present password"),
    "password.new": Text("Contraseña nueva", "New password"),
    "password.again": Text("Contraseña nueva, otra vez", "New password, again"),
    "password.hint": Text("10 caracteres o más; una frase es lo mejor.", "10 characters or more; a phrase is best."),
    "password.save": Text("Cambiar contraseña", "Change password"),
    "password.differs": Text("No es igual a la de arriba", "It is not the same as above"),
    "password.not_present": Text("No es su contraseña actual", "That is not your present password"),
    "password.done": Text(
        "Contraseña cambiada. Entre otra vez con ella.", "Password changed. Sign in again with it."
    ),
    "state.issued": Text("En camino", "On its way"),
    "state.accepted": Text("Aceptado", "Accepted"),
    "state.observed": Text("Aceptado con observaciones", "Accepted with remarks"),
    "state.rejected": Text("Rechazado", "Rejected"),
    "state.voided": Text("De baja", "Voided"),
    "state.lapsed": Text("Fuera de plazo", "Out of term"),
    "state.waiting": Text("Por enviar", "To be sent"),
    "state.sending": Text("Enviando", "Sending"),
    "state.unknown": Text("Sin respuesta", "No answer yet"),
    "state.awaiting_ticket": Text("En proceso en SUNAT", "Being processed at SUNAT"),
    "state.held": Text("Detenido", "Held"),
    "state.done": Text("Terminado", "Done"),
    "state.active": Text("Activo", "Active"),
    "state.disabled": Text("Inactivo", "Disabled"),
    "state.ok": Text("Bien", "All right"),
    "state.warn": Text("Atención", "Attention"),
    "state.bad": Text("Mal", "Wrong"),
}
