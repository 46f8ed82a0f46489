-- A copy of the database must not speak for the original.
UPDATE tenet_copilot_connection SET private_key = NULL, state = 'copied';
