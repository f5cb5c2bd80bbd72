// Generated from the request examples of Intercom's OpenAPI description, which is under the MIT licence:
// Copyright (c) 2022 Intercom, Inc. See Sources/IntercomCatalogue/Facts/LICENSE.openapi.md.
// swift-format-ignore-file

/// Bodies that the API's own description shows as right: method, path template, JSON, one to a line.
let exampleBodies = #"""
  PUT	/admins/{admin_id}/away	{"away_mode_enabled":true,"away_mode_reassign":true,"away_status_reason_id":12345}
  PUT	/admins/{admin_id}/away	{"away_mode_enabled":true,"away_mode_reassign":true}
  POST	/admins/activity_logs/search	{"created_at_after":1677253093,"created_at_before":1677861493,"event_types":["app_name_change","message_state_change"]}
  POST	/admins/activity_logs/search	{"created_at_after":1677253093,"created_at_before":1677861493}
  PUT	/office_hours_schedules/{office_hours_schedule_id}/office_hours_exceptions/{id}	{"exception_type":"custom_hours","name":"Christmas Day (reduced hours)","time_intervals":[{"start_minute":540,"end_minute":780}],"recurring_annually":true}
  POST	/office_hours_schedules/{office_hours_schedule_id}/office_hours_exceptions	{"exception_date":"2026-12-25","exception_type":"closed","name":"Christmas Day","recurring_annually":true}
  PUT	/office_hours_schedules/{id}	{"name":"Extended Support Hours","time_intervals":[{"start_minute":480,"end_minute":1080}]}
  POST	/office_hours_schedules	{"name":"Standard Support Hours","time_zone_name":"America/New_York","time_intervals":[{"start_minute":540,"end_minute":1020}]}
  POST	/ai/content_import_sources	{"sync_behavior":"api","url":"https://www.example.com"}
  PUT	/ai/content_import_sources/{source_id}	{"sync_behavior":"api","url":"https://www.example.com"}
  POST	/ai/external_pages	{"external_id":"abc1234","html":"<html><body><h1>Test</h1></body></html>","locale":"en","source_id":44,"title":"Test","url":"https://www.example.com"}
  PUT	/ai/external_pages/{page_id}	{"external_id":"5678","html":"<html><body><h1>Test</h1></body></html>","locale":"en","source_id":47,"title":"Test","url":"https://www.example.com"}
  POST	/articles	{"title":"Thanks for everything","description":"Description of the Article","body":"Body of the Article","author_id":991267497,"state":"published","parent_id":145,"parent_type":"collection","translated_content":{"fr":{"title":"Merci pour tout","description":"Description de l'article","body":"Corps de l'article","author_id":991267497,"state":"published"}}}
  PUT	/articles/{article_id}	{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>"}
  PUT	/articles/{id}/draft	{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>"}
  POST	/articles/{id}/draft/publish	{"locales":["en","fr"]}
  POST	/articles/{article_id}/tags	{"id":"7522907"}
  POST	/audiences	{"name":"VIP Customers","predicates":[{"attribute":"company.name","type":"string","comparison":"contains","value":"Acme"}],"role_predicates":[{"attribute":"role","type":"role","comparison":"eq","value":"user"}]}
  PUT	/audiences/{id}	{"name":"Enterprise Accounts","predicates":[{"attribute":"custom_attributes.plan","type":"string","comparison":"eq","value":"enterprise"}]}
  POST	/fin/start	{"conversation_id":"ext-123","message":{"author":"user","body":"How can I see my account details?","timestamp":"2025-01-24T10:01:20.000Z"},"user":{"id":"123456","name":"John Doe","email":"john.doe@example.com"}}
  POST	/fin/start	{"conversation_id":"ext-123","message":{"author":"user","body":"How can I see my account details?","timestamp":"2025-01-24T10:01:20.000Z"},"user":{"id":"123456","name":"John Doe","email":"john.doe@example.com","attributes":{"plan_type":"Pro","subscription_status":"active"}},"conversation_metadata":{"history":[{"author":"user","body":"I need help","timestamp":"2025-01-24T10:00:01Z"},{"author":"agent","body":"What do you need help with?","timestamp":"2025-01-24T10:01:00Z"}],"attributes":{"priority_level":"high","department":"sales"}}}
  POST	/fin/start	{"conversation_id":"ext-123","message":{"author":"user","body":"Here is a screenshot of the issue","timestamp":"2025-01-24T10:01:20.000Z"},"user":{"id":"123456","name":"John Doe","email":"john.doe@example.com"},"attachments":[{"type":"url","url":"https://example.com/document.pdf"},{"type":"file","name":"screenshot.png","content_type":"image/png","data":"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk..."}]}
  POST	/fin/reply	{"conversation_id":"123456","message":{"author":"user","body":"Here's the information you requested.","timestamp":"2025-01-24T09:01:00.000Z"},"user":{"id":"123456","name":"John Doe","email":"john.doe@example.com"}}
  POST	/fin/reply	{"conversation_id":"123456","message":{"author":"user","body":"Here's the invoice you asked for.","timestamp":"2025-01-24T09:01:00.000Z"},"user":{"id":"123456","name":"John Doe","email":"john.doe@example.com"},"attachments":[{"type":"url","url":"https://example.com/invoice.pdf"}]}
  POST	/fin/csat	{"conversation_id":"ext-123","rating":"amazing"}
  POST	/fin/csat	{"conversation_id":"ext-123","rating":"amazing","remark":"Fin solved my problem in seconds."}
  POST	/help_center/help_centers/{help_center_id}/redirects	{"from_url":"http://help-center.test/lovelyhelpcenter/old-page","locale":"en","target_type":"article","target_id":"11"}
  POST	/help_center/collections	{"name":"Thanks for everything"}
  PUT	/help_center/collections/{collection_id}	{"name":"Update collection name"}
  POST	/internal_articles	{"title":"Thanks for everything","body":"Body of the Article","owner_id":991266252,"author_id":991266252,"locale":"en"}
  PUT	/internal_articles/{internal_article_id}	{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>"}
  POST	/internal_articles/{internal_article_id}/tags	{"id":"7522907"}
  PUT	/ip_allowlist	{"enabled":true,"ip_allowlist":["192.168.1.0/24","10.0.0.1"]}
  POST	/companies	{"company_id":"company_remote_id","name":"my company","remote_created_at":1374138000}
  PUT	/companies/{company_id}	{"name":"my company","website":"http://www.mycompany.com/"}
  POST	/companies/{company_id}/notes	{"body":"Hello","admin_id":"991267583"}
  POST	/companies/{company_id}/notes	{"body":"Hello","admin_id":"123"}
  POST	/companies/{company_id}/notes	{"body":"Hello"}
  POST	/contacts/{contact_id}/companies	{"id":"6762f09a1bb69f9f2193bb34"}
  POST	/contacts/{contact_id}/companies	{"id":"123"}
  POST	/contacts/{contact_id}/notes	{"contact_id":"6762f0ad1bb69f9f2193bb62","admin_id":991267583,"body":"Hello"}
  POST	/contacts/{contact_id}/notes	{"contact_id":"6762f0af1bb69f9f2193bb63","admin_id":123,"body":"Hello"}
  POST	/contacts/{contact_id}/notes	{"contact_id":123,"admin_id":991267585,"body":"Hello"}
  POST	/contacts/{contact_id}/subscriptions	{"id":106,"consent_type":"opt_in"}
  POST	/contacts/{contact_id}/subscriptions	{"id":110,"consent_type":"opt_in"}
  POST	/contacts/{contact_id}/subscriptions	{"id":"invalid_id","consent_type":"opt_in"}
  POST	/contacts/{contact_id}/tags	{"id":81}
  POST	/contacts/{contact_id}/tags	{"id":82}
  POST	/contacts/{contact_id}/tags	{"id":"123"}
  PUT	/contacts/{contact_id}	{"email":"joebloggs@intercom.io","name":"joe bloggs"}
  PUT	/contacts/{contact_id}	{"custom_attributes":{"order":["21"]}}
  POST	/contacts/merge	{"from":"6762f0d51bb69f9f2193bb7f","into":"6762f0d51bb69f9f2193bb80"}
  POST	/contacts/merge	{"from":"6762f0d51bb69f9f2193bb7f","into":"6762f0d51bb69f9f2193bb80","skip_duplicate_validation":true}
  POST	/contacts/search	{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"}]},"sort":{"field":"created_at","order":"ascending"},"pagination":{"per_page":5}}
  POST	/contacts	{"email":"joebloggs@intercom.io"}
  POST	/content/bulk_actions	{"action":"publish","content_ids":[{"type":"article_content","id":"12345678"},{"type":"article_content","id":"12345679"}]}
  POST	/content/bulk_actions	{"action":"unpublish","content_ids":[{"type":"article_content","id":"12345678"}]}
  POST	/content/bulk_actions	{"action":"delete","content_ids":[{"type":"article_content","id":"12345678"},{"type":"internal_article","id":"12345679"},{"type":"content_snippet","id":"12345680"}]}
  POST	/content/bulk_actions	{"action":"set_availability","content_ids":[{"type":"article_content","id":"12345678"}],"availability":{"ai_agent":true,"copilot":false}}
  POST	/content/bulk_actions	{"action":"set_audience","content_ids":[{"type":"article_content","id":"12345678"}],"audience":{"add_segment_ids":[100],"remove_segment_ids":[200]}}
  POST	/content/bulk_actions	{"action":"update_tags","content_ids":[{"type":"article","id":"12345678"}],"tags":{"add_tag_ids":[100],"remove_tag_ids":[200]}}
  POST	/content_snippets	{"title":"How to reset your password","json_blocks":[{"type":"paragraph","text":"Navigate to Settings > Security > Reset password."}],"locale":"en","audience_ids":[1,2]}
  PUT	/content_snippets/{id}	{"title":"How to reset your password (updated)","json_blocks":[{"type":"paragraph","text":"Go to Settings > Security > Reset password and follow the steps."}],"audience_ids":[1,2]}
  POST	/content_snippets/{content_snippet_id}/tags	{"id":"7522907"}
  POST	/conversations/{conversation_id}/tags	{"id":86,"admin_id":991267618}
  POST	/conversations/{conversation_id}/tags	{"id":87,"admin_id":991267620}
  DELETE	/conversations/{conversation_id}/tags/{tag_id}	{"admin_id":991267622}
  DELETE	/conversations/{conversation_id}/tags/{tag_id}	{"admin_id":991267624}
  DELETE	/conversations/{conversation_id}/tags/{tag_id}	{"admin_id":991267625}
  POST	/conversations	{"from":{"type":"user","id":"6762f11b1bb69f9f2193bba3"},"body":"Hello there"}
  POST	/conversations	{"from":{"type":"user","id":"123_doesnt_exist"},"body":"Hello there"}
  PUT	/conversations/{conversation_id}	{"read":true,"title":"new conversation title","custom_attributes":{"issue_type":"Billing","priority":"High"}}
  PUT	/conversations/{conversation_id}	{"custom_attributes":{"order":["21"]}}
  POST	/conversations/search	{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"}]},"pagination":{"per_page":5}}
  POST	/conversations/{conversation_id}/reply	{"message_type":"comment","type":"user","intercom_user_id":"6762f1571bb69f9f2193bbbb","body":"Thanks again :)"}
  POST	/conversations/{conversation_id}/reply	{"message_type":"note","type":"admin","admin_id":991267696,"body":"<html> <body>  <h2>An Unordered HTML List</h2>  <ul>   <li>Coffee</li>   <li>Tea</li>   <li>Milk</li> </ul>    <h2>An Ordered HTML List</h2>  <ol>   <li>Coffee</li>   <li>Tea</li>   <li>Milk</li> </ol>   </body> </html>"}
  POST	/conversations/{conversation_id}/reply	{"message_type":"quick_reply","type":"admin","admin_id":991267698,"reply_options":[{"text":"Yes","uuid":"a5e1c524-5ddd-4c3e-9328-6bca5d6e3edb"},{"text":"No","uuid":"f4a98af1-be56-4948-a57e-e1a83f8484c6"}]}
  POST	/conversations/{conversation_id}/reply	{"message_type":"quick_reply","type":"user","intercom_user_id":"6762f1621bb69f9f2193bbbe","reply_options":[{"text":"Yes","uuid":"a5e1c524-5ddd-4c3e-9328-6bca5d6e3edb"}]}
  POST	/conversations/{conversation_id}/reply	{"message_type":"comment","type":"user","intercom_user_id":"6762f1661bb69f9f2193bbbf","body":"Thanks again :)"}
  POST	/conversations/{conversation_id}/parts	{"message_type":"close","type":"admin","admin_id":991267708,"body":"Goodbye :)"}
  POST	/conversations/{conversation_id}/parts	{"message_type":"snoozed","admin_id":991267710,"snoozed_until":1734541187}
  POST	/conversations/{conversation_id}/parts	{"message_type":"open","admin_id":991267712}
  POST	/conversations/{conversation_id}/parts	{"message_type":"assignment","type":"admin","admin_id":991267715,"assignee_id":991267715}
  POST	/conversations/{conversation_id}/parts	{"message_type":"close","type":"admin","admin_id":991267717,"body":"Goodbye :)"}
  POST	/conversations/{conversation_id}/customers	{"admin_id":991267731,"customer":{"intercom_user_id":"6762f19b1bb69f9f2193bbd4"}}
  POST	/conversations/{conversation_id}/customers	{"admin_id":991267733,"customer":{"intercom_user_id":"6762f19e1bb69f9f2193bbd5"}}
  DELETE	/conversations/{conversation_id}/customers/{contact_id}	{"admin_id":991267739,"customer":{"intercom_user_id":"6762f1a61bb69f9f2193bbd8"}}
  DELETE	/conversations/{conversation_id}/customers/{contact_id}	{"admin_id":991267742,"customer":{"intercom_user_id":"6762f1b61bb69f9f2193bbe1"}}
  DELETE	/conversations/{conversation_id}/customers/{contact_id}	{"admin_id":991267745,"customer":{"intercom_user_id":"6762f1c41bb69f9f2193bbe9"}}
  DELETE	/conversations/{conversation_id}/customers/{contact_id}	{"admin_id":991267748,"customer":{"intercom_user_id":"6762f1d11bb69f9f2193bbf1"}}
  POST	/conversations/redact	{"type":"conversation_part","conversation_id":608,"conversation_part_id":149}
  POST	/conversations/redact	{"type":"conversation_part","conversation_id":"really_123_doesnt_exist","conversation_part_id":"really_123_doesnt_exist"}
  POST	/conversations/{id}/merge	{"merge_into_conversation_id":456}
  POST	/conversations/{conversation_id}/convert	{"ticket_type_id":"53"}
  POST	/conversations/{conversation_id}/convert	{"ticket_type_id":"54"}
  POST	/conversations/attributes	{"name":"api_test_attr","data_type":"string","description":"Created via API test"}
  PUT	/conversations/attributes/{id}	{"name":"api_test_renamed","description":"Updated via API"}
  POST	/conversations/attributes/{id}/options	{"label":"High"}
  PUT	/conversations/attributes/{id}/options/{option_id}	{"label":"Renamed"}
  POST	/custom_object_instances/{custom_object_type_identifier}	{"external_id":"123","external_created_at":1392036272,"external_updated_at":1392036272,"custom_attributes":{"order_number":"ORDER-12345","total_amount":99.99}}
  POST	/data_attributes	{"name":"Mithril Shirt","model":"company","data_type":"string"}
  POST	/data_attributes	{"name":"The One Ring","model":"contact","data_type":"integer"}
  POST	/data_attributes	{"name":"!nv@l!d n@me","model":"company","data_type":"string"}
  POST	/data_attributes	{"name":"The One Ring","model":"company","data_type":"string"}
  PUT	/data_attributes/{data_attribute_id}	{"description":"Just a plain old ring","options":[{"value":"1-10"},{"value":"11-20"}],"archived":false}
  PUT	/data_attributes/{data_attribute_id}	{"description":"Trying to archieve","archived":true}
  POST	/data_connectors	{"name":"Get Order Status","description":"Looks up order status from an external service","http_method":"get","url":"https://api.example.com/orders/{{order_id}}/status","direct_fin_usage":true,"audiences":["leads","visitors"],"headers":[{"name":"Content-Type","value":"application/json"}],"data_inputs":[{"name":"order_id","type":"string","description":"The order ID to look up","required":true,"default_value":""}],"customer_authentication":true,"bypass_authentication":false,"validate_missing_attributes":true}
  POST	/data_connectors	{"name":"My Connector"}
  POST	/data_connectors	{"name":"Order Lookup","mock_response":{"order":{"id":12345,"status":"shipped"}}}
  PATCH	/data_connectors/{id}	{"name":"Updated Connector Name","description":"Updated description"}
  PATCH	/data_connectors/{id}	{"state":"live"}
  PATCH	/data_connectors/{id}	{"state":"draft"}
  PATCH	/data_connectors/{id}	{"mock_response":{"user":{"name":"Alice","email":"alice@example.com"}}}
  POST	/export/content/data	{"created_at_after":1734519776,"created_at_before":1734537776}
  POST	/messages	{"from":{"type":"user","id":"6762f2341bb69f9f2193bc17"},"body":"heyy","referer":"https://twitter.com/bob"}
  POST	/messages	{"from":{"type":"lead","id":"6762f2371bb69f9f2193bc18"},"body":"heyy","referer":"https://twitter.com/bob"}
  POST	/messages	{"from":{"type":"admin","id":"991267816"},"to":[{"type":"user","id":"6762f2391bb69f9f2193bc19"},{"type":"lead","id":"6762f23c1bb69f9f2193bc1b"},{"type":"user","id":"6762f23d1bb69f9f2193bc1c"}],"cc":[{"type":"user","id":"6762f23e1bb69f9f2193bc1d"},{"type":"user","id":"6762f23f1bb69f9f2193bc1e"}],"bcc":[{"type":"user","id":"6762f23e1bb69f9f2193bc2f"}],"message_type":"conversation","body":"heyy"}
  POST	/messages	{"from":{"type":"admin","id":"991267817"},"to":{"phone":5547999998888,"name":"John Doe"},"message_type":"whatsapp","components":[{"type":"BODY","parameters":[{"type":"text","text":"Username 123"}]}],"template":"keep_live","locale":"en"}
  POST	/news/news_items	{"title":"Halloween is here!","body":"<p>New costumes in store for this spooky season</p>","labels":["Product","Update","New"],"sender_id":991267834,"deliver_silently":true,"reactions":["😆","😅"],"state":"live","newsfeed_assignments":[{"newsfeed_id":53,"published_at":1664638214}]}
  PUT	/news/news_items/{news_item_id}	{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>","sender_id":991267845,"reactions":["😝","😂"]}
  PUT	/news/news_items/{news_item_id}	{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>","sender_id":991267848,"reactions":["😝","😂"]}
  POST	/phone_call_redirects	{"phone":"+353832345678","custom_attributes":{"issue_type":"Billing","priority":"High"}}
  POST	/phone_call_redirects	{"phone":"+40241100100","custom_attributes":{"issue_type":"Billing","priority":"High"}}
  POST	/calls/search	{"conversation_ids":["64619700005694","64619700005695"]}
  POST	/tags	{"name":"test"}
  POST	/tags	{"name":"test","companies":[{"company_id":"123"}]}
  POST	/tags	{"name":"test","users":[{"id":"123"}]}
  POST	/ticket_types/{ticket_type_id}/attributes	{"name":"Attribute Title","description":"Attribute Description","data_type":"string","required_to_create":false}
  PUT	/ticket_types/{ticket_type_id}/attributes/{attribute_id}	{"description":"New Attribute Description"}
  POST	/ticket_types	{"name":"Customer Issue","description":"Customer Report Template","icon":"🎟️","category":"Customer"}
  PUT	/ticket_types/{ticket_type_id}	{"name":"Bug Report 2"}
  POST	/tickets/{ticket_id}/reply	{"message_type":"comment","type":"user","intercom_user_id":"6762f2971bb69f9f2193bc49","body":"Thanks again :)"}
  POST	/tickets/{ticket_id}/reply	{"message_type":"note","type":"admin","admin_id":991267943,"body":"<html> <body>  <h2>An Unordered HTML List</h2>  <ul>   <li>Coffee</li>   <li>Tea</li>   <li>Milk</li> </ul>    <h2>An Ordered HTML List</h2>  <ol>   <li>Coffee</li>   <li>Tea</li>   <li>Milk</li> </ol>   </body> </html>"}
  POST	/tickets/{ticket_id}/reply	{"message_type":"note","type":"admin","admin_id":991267943,"body":"This note will be cross-posted to all linked conversations.","cross_post":true}
  POST	/tickets/{ticket_id}/reply	{"message_type":"quick_reply","type":"admin","admin_id":991267948,"reply_options":[{"text":"Yes","uuid":"0df48b85-9a93-4c66-a167-753eff0baaec"},{"text":"No","uuid":"4f0b5145-4193-4b4f-8cad-ce19478a3938"}]}
  POST	/tickets/{ticket_id}/reply	{"message_type":"comment","type":"user","intercom_user_id":"6762f2a41bb69f9f2193bc4c","body":"Thanks again :)"}
  POST	/tickets/{ticket_id}/tags	{"id":121,"admin_id":991267958}
  POST	/tickets/{ticket_id}/tags	{"id":122,"admin_id":991267963}
  DELETE	/tickets/{ticket_id}/tags/{tag_id}	{"admin_id":991267973}
  DELETE	/tickets/{ticket_id}/tags/{tag_id}	{"admin_id":991267978}
  DELETE	/tickets/{ticket_id}/tags/{tag_id}	{"admin_id":991267983}
  POST	/tickets/{ticket_id}/linked_conversations	{"conversation_id":"204"}
  POST	/tickets	{"ticket_type_id":88,"contacts":[{"id":"6762f2d81bb69f9f2193bc54"}],"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"}}
  POST	/tickets/enqueue	{"ticket_type_id":88,"contacts":[{"id":"6762f2d81bb69f9f2193bc54"}],"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"}}
  PUT	/tickets/{ticket_id}	{"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"},"admin_id":991268011,"assignee_id":991268013,"open":true,"snoozed_until":1673609604,"ticket_state_id":8498}
  PUT	/tickets/{ticket_id}	{"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"},"admin_id":991268011,"assignee_id":991268013,"ticket_state_id":8506}
  PUT	/tickets/{ticket_id}	{"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"},"admin_id":991268011,"assignee_id":991268013,"ticket_state_id":8514}
  PUT	/tickets/{ticket_id}	{"ticket_state_id":0}
  POST	/tickets/{ticket_id}/change_type	{"ticket_type_id":"1234","ticket_state_id":"5678"}
  POST	/tickets/search	{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":"1306054154"}]},"pagination":{"per_page":5}}
  PUT	/visitors	{"id":"6762f30c1bb69f9f2193bc5e","name":"Gareth Bale"}
  PUT	/visitors	{"user_id":"fail","name":"Christian Fail"}
  POST	/visitors/convert	{"visitor":{"user_id":"3ecf64d0-9ed1-4e9f-88e1-da7d6e6782f3"},"user":{"email":"foo@bar.com"},"type":"user"}
  """#

/// Bodies that it shows as wrong.
let refusedBodies = #"""
  POST	/articles	{"title":"Thanks for everything","description":"Description of the Article","body":"Body of the Article","state":"published"}
  POST	/help_center/collections	{"description":"Missing required parameter"}
  POST	/internal_articles	{"title":"Thanks for everything","body":"Body of the Internal Article"}
  POST	/companies	{"test":"invalid"}
  PUT	/companies/{company_id}	{"test":"invalid"}
  POST	/data_attributes	{"name":"The Second Ring","model":"company","data_type":"mithril"}
  POST	/data_attributes	{"description":"Just a plain old ring","options":[{"value":"1-10"}],"archived":false}
  PUT	/data_attributes/{data_attribute_id}	{"description":"Too few options","options":{"value":"1-10"},"archived":false}
  POST	/messages	{"from":{"type":"admin","id":"991267818"},"to":{"type":"user","id":"6762f23b1bb69f9f2193bc1a"},"message_type":"inapp","body":null,"subject":"heyy"}
  POST	/messages	{"from":{"type":"admin","id":"991267819"},"to":{"type":"user","user_id":"70"},"message_type":"email","body":"hey there"}
  POST	/messages	{"from":{"type":"admin","id":"991267820"},"to":{"type":"user","id":"6762f23d1bb69f9f2193bc1c"},"message_type":"email","body":null,"subject":"heyy"}
  POST	/tags	{"test":"invalid"}
  """#
