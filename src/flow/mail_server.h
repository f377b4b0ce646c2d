// The mail server that the settings name.
#pragma once

#include "ground/mail/smtp.h"
#include "ground/settings/settings.h"

namespace flow {

/// Reads the file with the password where there is one; throws as sys::read_file does.
mail::Server mail_server_of(const settings::Settings& settings);

}  // namespace flow
