// What signing in works with on this site, made from its settings: for the screens and for the command line, so that
// both judge alike.
#pragma once

#include "flow/site.h"
#include "ground/people/ldap.h"
#include "ground/people/sign_in.h"

namespace flow {

/// The city's directory as [ldap] says.
people::LdapSettings directory_of(const settings::Settings& settings);

/// Throws Error(BadInput) naming the setting that cannot work.
people::SignInDesk open_sign_in_desk(Site& site, const settings::Settings& settings);

}  // namespace flow
